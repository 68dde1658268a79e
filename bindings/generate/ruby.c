/* Ruby: one file of constants. */
#include <string.h>

#include "generate.h"

enum { RUBY_COLUMNS_MAX = 100 };

/* END and BEGIN are words of Ruby that no plain assignment can set, though Code::END reads well. */
static void write_constant(FILE* out, const char* name, long long number) {
  if (strcmp(name, "END") == 0 || strcmp(name, "BEGIN") == 0)
    fprintf(out, "    const_set :%s, %lld # %s is a word of the language; Code::%s reads it\n", name, number,
            name, name);
  else
    fprintf(out, "    %s = %lld\n", name, number);
}

static void write_doc(FILE* out, const char* text) {
  write_wrapped(out, "    # ", "    # ", RUBY_COLUMNS_MAX, text);
  fprintf(out, "\n");
}

static void write_codes(FILE* out, const struct tables* tables) {
  fprintf(out, "  # The statuses of the library; Error#code is one of them.\n  module Code\n");
  for (size_t i = 0; i < tables->status_count; i++) {
    write_doc(out, tables->statuses[i].doc);
    write_constant(out, tables->statuses[i].name, (long long)tables->statuses[i].number);
  }
  fprintf(out, "\n    # From number to name.\n    NAMES = {\n");
  for (size_t i = 0; i < tables->status_count; i++)
    fprintf(out, "      %lld => \"%s\"%s\n", (long long)tables->statuses[i].number, tables->statuses[i].name,
            i + 1 < tables->status_count ? "," : "");
  fprintf(out, "    }.freeze\n  end\n\n");
}

static void write_names(FILE* out, const struct named* rows, size_t count) {
  char doc[TEXT_BYTES_MAX], name[TEXT_BYTES_MAX];
  for (size_t i = 0; i < count; i++) {
    const struct named* row = &rows[i];
    if (row->range != NULL)
      text_of(doc, "%s (%s; default %s)", row->doc, row->range, row->default_value);
    else
      text_of(doc, "%s (%s)", row->doc, row->kind);
    write_doc(out, doc);
    upper_name(row->name, name);
    fprintf(out, "    %s = \"%s\"\n", name, row->name);
  }
  fprintf(out, "  end\n\n");
}

void write_ruby(const char* dir, const struct tables* tables) {
  FILE* out = create(dir, "generated.rb");
  fprintf(out,
          "# frozen_string_literal: true\n\n"
          "# Made by \"make generate\" from what the library says about itself; do not edit.\n"
          "module Shale\n");
  write_codes(out, tables);
  fprintf(out, "  # Names of the options of Shale.open.\n  module Option\n");
  write_names(out, tables->options, tables->option_count);
  fprintf(out, "  # Names of the figures of DB#stats.\n  module Stat\n");
  write_names(out, tables->stats, tables->stat_count);
  fprintf(out,
          "  # The other constants of the library: limits, and the flags that the methods of DB take as "
          "keywords.\n"
          "  module Flag\n");
  for (size_t i = 0; i < tables->other_count; i++) {
    fprintf(out, "    # SHALE_%s\n", tables->others[i].name);
    write_constant(out, tables->others[i].name, (long long)tables->others[i].number);
  }
  fprintf(out, "  end\nend\n");
  finish(out);
}
