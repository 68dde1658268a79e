// Options by name and text.
#include "abi/abi_handles.h"
#include "abi/arguments.h"
#include "abi/boundary.h"

using namespace shale;

shale_status shale_options_new(shale_options** out) {
  Clear(out);
  return Guard(nullptr, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(out));
    InstallForkGuard();
    *out = new shale_options();
    return Status();
  });
}

shale_status shale_options_set(shale_options* options, const char* name, const char* value,
                               shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(options));
    SHALE_RETURN_IF_NOT_OK(CheckText("name", name));
    SHALE_RETURN_IF_NOT_OK(CheckText("value", value));
    return options->options.Set(name, value);
  });
}

shale_status shale_options_set_i64(shale_options* options, const char* name, int64_t value,
                                   shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(options));
    SHALE_RETURN_IF_NOT_OK(CheckText("name", name));
    return options->options.SetI64(name, value);
  });
}

shale_status shale_options_set_key(shale_options* options, const void* key, size_t key_len,
                                   shale_error** err) {
  return Guard(err, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(options));
    if (key == nullptr && key_len != 0) return Status::Invalid("key is NULL");
    return options->options.SetKey(MakeBytes(key, key_len));
  });
}

shale_status shale_options_get(const shale_options* options, const char* name, const char** value) {
  Clear(value);
  return Guard(nullptr, [&]() -> Status {
    SHALE_RETURN_IF_NOT_OK(CheckHandle(options));
    SHALE_RETURN_IF_NOT_OK(CheckText("name", name));
    SHALE_RETURN_IF_NOT_OK(CheckOutputs(value));
    *value = options->options.Get(name);
    return *value != nullptr ? Code::OK : Code::NOT_FOUND;
  });
}

void shale_options_free(shale_options* options) {
  FreeHandle(options);
}

size_t shale_option_count(void) {
  return kOptionCount;
}

shale_status shale_option_at(size_t index, const char** name, const char** type, const char** default_value,
                             const char** range, int32_t* hot, const char** doc) {
  Clear(name, type, default_value, range, hot, doc);
  return Guard(nullptr, [&]() -> Status {
    const OptionRow* const row = OptionAt(index);
    if (row == nullptr) return Code::NOT_FOUND;
    SetIfWanted(name, row->name);
    SetIfWanted(type, row->type);
    SetIfWanted(default_value, row->default_text);
    SetIfWanted(range, row->range);
    SetIfWanted(hot, int32_t{row->hot});
    SetIfWanted(doc, row->doc);
    return Status();
  });
}
