/* Java: StatusCode, OptionName and StatName for users, Flags for the binding itself. */
#include <ctype.h>
#include <string.h>

#include "generate.h"

enum { JAVADOC_BYTES_MAX = TEXT_BYTES_MAX * 5 }; /* every byte may become an entity */

static const char made_by[] =
    "// Made by `make generate` from the library's own tables; do not edit.\n"
    "package io.shale;\n\n";

/* Text for Javadoc: a capital first, < and > as entities. */
static void javadoc_text(const char* text, char* out) {
  const char* start = out;
  for (; *text != '\0'; text++) {
    if (*text == '<') {
      out += sprintf(out, "&lt;");
    } else if (*text == '>') {
      out += sprintf(out, "&gt;");
    } else if (*text == '&') {
      out += sprintf(out, "&amp;");
    } else {
      *out = out == start ? (char)toupper((unsigned char)*text) : *text;
      out++;
    }
  }
  *out = '\0';
}

/* On one line if there is room. */
static void write_javadoc(FILE* out, const char* text) {
  if (strlen(text) + strlen("  /**  */") <= COLUMNS_MAX) {
    fprintf(out, "  /** %s */\n", text);
    return;
  }
  fprintf(out, "  /**\n");
  write_wrapped(out, "   * ", "   * ", COLUMNS_MAX - 5, text);
  fprintf(out, "\n   */\n");
}

static void write_statuses(const char* dir, const struct tables* tables) {
  FILE* out = create(dir, "StatusCode.java");
  char text[JAVADOC_BYTES_MAX], doc[TEXT_BYTES_MAX];
  fprintf(out, "%s", made_by);
  fprintf(out,
          "/** Numbers of the outcomes and errors of the library, as {@link ShaleException#code()} returns "
          "them. */\n");
  fprintf(out, "public final class StatusCode {\n");
  for (size_t i = 0; i < tables->status_count; i++) {
    const struct constant* status = &tables->statuses[i];
    javadoc_text(status->doc, text);
    text_of(doc, "%s.", text);
    write_javadoc(out, doc);
    fprintf(out, "  public static final int %s = %lld;\n\n", status->name, (long long)status->number);
  }
  fprintf(out,
          "  private StatusCode() {}\n\n"
          "  /**\n   * Name of a status.\n   *\n   * @param code a number\n"
          "   * @return its name, \"UNKNOWN\" for a number that is none\n   */\n"
          "  public static String name(int code) {\n    switch (code) {\n");
  for (size_t i = 0; i < tables->status_count; i++)
    fprintf(out, "      case %s:\n        return \"%s\";\n", tables->statuses[i].name,
            tables->statuses[i].name);
  fprintf(out, "      default:\n        return \"UNKNOWN\";\n    }\n  }\n}\n");
  finish(out);
}

static void write_options(const char* dir, const struct tables* tables) {
  FILE* out = create(dir, "OptionName.java");
  char text[JAVADOC_BYTES_MAX], raw[TEXT_BYTES_MAX], name[TEXT_BYTES_MAX];
  fprintf(out, "%s", made_by);
  fprintf(out, "/** Names of the options of a store, for {@link ShaleBuilder#option(String, String)}. */\n");
  fprintf(out, "public final class OptionName {\n");
  for (size_t i = 0; i < tables->option_count; i++) {
    const struct named* option = &tables->options[i];
    text_of(raw, "%s. Type %s, range %s, default %s.", option->doc, option->kind, option->range,
            option->default_value);
    javadoc_text(raw, text);
    write_javadoc(out, text);
    upper_name(option->name, name);
    fprintf(out, "  public static final String %s = \"%s\";\n\n", name, option->name);
  }
  fprintf(out, "  private OptionName() {}\n}\n");
  finish(out);
}

static void write_stats(const char* dir, const struct tables* tables) {
  FILE* out = create(dir, "StatName.java");
  char text[JAVADOC_BYTES_MAX], raw[TEXT_BYTES_MAX], name[TEXT_BYTES_MAX];
  fprintf(out, "%s", made_by);
  fprintf(out, "/** Names of the figures of a store, for {@link Shale#stat(String)}. */\n");
  fprintf(out, "public final class StatName {\n");
  for (size_t i = 0; i < tables->stat_count; i++) {
    const struct named* stat = &tables->stats[i];
    text_of(raw, "%s. A %s.", stat->doc, stat->kind);
    javadoc_text(raw, text);
    write_javadoc(out, text);
    upper_name(stat->name, name);
    fprintf(out, "  public static final String %s = \"%s\";\n\n", name, stat->name);
  }
  fprintf(out, "  private StatName() {}\n}\n");
  finish(out);
}

static void write_flags(const char* dir, const struct tables* tables) {
  FILE* out = create(dir, "Flags.java");
  fprintf(out, "%s", made_by);
  fprintf(out, "/** Every other constant of the C interface. */\nfinal class Flags {\n");
  for (size_t i = 0; i < tables->other_count; i++)
    fprintf(out, "  static final int %s = %lld;\n", tables->others[i].name,
            (long long)tables->others[i].number);
  fprintf(out, "\n  private Flags() {}\n}\n");
  finish(out);
}

void write_java(const char* dir, const struct tables* tables) {
  write_statuses(dir, tables);
  write_options(dir, tables);
  write_stats(dir, tables);
  write_flags(dir, tables);
}
