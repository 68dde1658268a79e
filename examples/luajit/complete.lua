-- Word completion, as an editor has it: counts the words of a text, then answers what a few letters may become, the most
-- frequent word first. Keys are in order, so that the candidates of a prefix lie side by side.
--
--     luajit complete.lua TEXT_FILE [PREFIX...]      SHALE_LIB=path of the library, else the one the system finds
local ffi = require("ffi")
ffi.cdef [[
typedef struct shale_db shale_db; typedef struct shale_iter shale_iter; typedef struct shale_error shale_error;
const char *shale_status_name(int32_t);
const char *shale_error_message(const shale_error *);
void shale_error_free(shale_error *);
int32_t shale_open(const char *, const void *, shale_db **, shale_error **);
void shale_free(shale_db *);
int32_t shale_incr(shale_db *, const void *, size_t, int64_t, int64_t *, uint32_t, shale_error **);
int32_t shale_get_into(shale_db *, const void *, size_t, void *, size_t, size_t *, int64_t *, uint32_t, shale_error **);
int32_t shale_iter_prefix(shale_db *, const void *, size_t, int64_t, shale_iter **, uint32_t, shale_error **);
int32_t shale_iter_next(shale_iter *, const void **, size_t *, const void **, size_t *, shale_error **);
void shale_iter_free(shale_iter *);
int64_t shale_live_handles(void);
]]
local shale = ffi.load(os.getenv("SHALE_LIB") or "libshale.so.1")
local OK = 0
local err = ffi.new("shale_error *[1]")

-- Errors are below 0 and become Lua errors; outcomes such as NOT_FOUND are returned.
local function check(status)
  if status >= 0 then return status end
  local text = ffi.string(shale.shale_status_name(status)) .. ": " .. ffi.string(shale.shale_error_message(err[0]))
  shale.shale_error_free(err[0])
  error(text, 2)
end

local Words = {}
Words.__index = Words

-- Without a path the store is in memory.
function Words.open(path)
  local db = ffi.new("shale_db *[1]")
  check(shale.shale_open(path, nil, db, err))
  return setmetatable({ db = ffi.gc(db[0], shale.shale_free) }, Words)
end

function Words:close()
  shale.shale_free(ffi.gc(self.db, nil))
  self.db = nil
end

local sum = ffi.new("int64_t[1]")
function Words:add(word)
  check(shale.shale_incr(self.db, word, #word, 1, sum, 0, err))
end

local buf, size = ffi.new("char[32]"), ffi.new("size_t[1]")
function Words:count(word)
  if check(shale.shale_get_into(self.db, word, #word, buf, 32, size, nil, 0, err)) ~= OK then return 0 end
  return tonumber(ffi.string(buf, size[0]))
end

-- Rows below a prefix as a Lua iterator. The iterator of the library is freed at the end, or by the collector.
local key, key_len = ffi.new("const void *[1]"), ffi.new("size_t[1]")
local value, value_len = ffi.new("const void *[1]"), ffi.new("size_t[1]")
function Words:each(prefix)
  local made = ffi.new("shale_iter *[1]")
  check(shale.shale_iter_prefix(self.db, prefix, #prefix, 0, made, 0, err))
  local iter = ffi.gc(made[0], shale.shale_iter_free)
  return function()
    if check(shale.shale_iter_next(iter, key, key_len, value, value_len, err)) ~= OK then
      shale.shale_iter_free(ffi.gc(iter, nil))
      return nil
    end
    return ffi.string(key[0], key_len[0]), tonumber(ffi.string(value[0], value_len[0]))
  end
end

function Words:complete(prefix, most)
  local found = {}
  for word, count in self:each(prefix) do found[#found + 1] = { word = word, count = count } end
  table.sort(found, function(a, b) return a.count > b.count or (a.count == b.count and a.word < b.word) end)
  for i = #found, most + 1, -1 do found[i] = nil end
  return found
end

local path = assert(arg[1], "usage: luajit complete.lua TEXT_FILE [PREFIX...]")
local prefixes = #arg > 1 and { unpack(arg, 2) } or { "co", "re", "th" }
local file = assert(io.open(path))
local text = file:read("*a"):lower()
file:close()

local words, truth, total = Words.open(nil), {}, 0
for word in text:gmatch("%a+") do
  words:add(word)
  truth[word] = (truth[word] or 0) + 1
  total = total + 1
end
for _, prefix in ipairs(prefixes) do
  local line = {}
  for i, found in ipairs(words:complete(prefix, 5)) do line[i] = found.word .. " (" .. found.count .. ")" end
  print(prefix .. "... " .. table.concat(line, ", "))
end

local seen, last, rows = 0, "", 0
for word, count in words:each("") do
  assert(count == truth[word] and count == words:count(word), "the count of a word")
  assert(last < word, "words come in order")
  seen, last, rows = seen + count, word, rows + 1
end
assert(total > 0 and seen == total, "every word was counted")
for _, prefix in ipairs(prefixes) do
  for _, found in ipairs(words:complete(prefix, 5)) do assert(found.word:sub(1, #prefix) == prefix, "a completion") end
end
local fine, message = pcall(words.add, words, "")
assert(not fine and message:find("E_INVALID", 1, true), "an empty word is refused")
words:close()
assert(shale.shale_live_handles() == 0, "everything was freed")
print(total .. " words, " .. rows .. " different ones")
