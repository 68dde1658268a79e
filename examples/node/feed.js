// A feed of events, and a reader that goes on where it stopped. The reader takes a page, and writes what it made of it together
// with a token of its place in one batch: killed at any moment, it has done each event once, or not yet.
//
//     node feed.js [EVENTS]      SHALE_LIB=path of the library, else the one the system finds
'use strict';
const assert = require('node:assert');
const { mkdtempSync, rmSync } = require('node:fs');
const koffi = require('koffi');

const lib = koffi.load(process.env.SHALE_LIB ?? 'libshale.so.1');
for (const name of ['shale_db', 'shale_iter', 'shale_error']) koffi.opaque(name);
const call = Object.fromEntries([
  'const char *shale_status_name(int32_t)',
  'const char *shale_error_message(const shale_error *)',
  'void shale_error_free(shale_error *)',
  'int32_t shale_open(const char *, void *, _Out_ shale_db **, _Out_ shale_error **)',
  'void shale_free(shale_db *)',
  'int32_t shale_get_into(shale_db *, uint8_t *, size_t, uint8_t *, size_t, _Out_ size_t *, void *, uint32_t,'
    + ' _Out_ shale_error **)',
  'int32_t shale_write_packed(shale_db *, uint8_t *, size_t, size_t, uint32_t, _Out_ shale_error **)',
  'int32_t shale_iter_prefix(shale_db *, uint8_t *, size_t, int64_t, _Out_ shale_iter **, uint32_t, _Out_ shale_error **)',
  'int32_t shale_iter_resume(shale_db *, uint8_t *, size_t, _Out_ shale_iter **, _Out_ shale_error **)',
  'int32_t shale_iter_next_packed(shale_iter *, uint8_t *, size_t, _Out_ size_t *, _Out_ size_t *, _Out_ shale_error **)',
  'int32_t shale_iter_token(shale_iter *, _Out_ void **, _Out_ size_t *, _Out_ shale_error **)',
  'void shale_iter_free(shale_iter *)',
  'int64_t shale_live_handles(void)',
].map((text) => [text.match(/shale_\w+(?=\()/)[0].slice('shale_'.length), lib.func(text)]));

// Calls with room for an error as the last argument. Errors are thrown; the name of an outcome is returned.
function check(name, ...args) {
  const err = [null];
  const status = call[name](...args, err);
  if (status >= 0) return call.status_name(status);
  const message = `${call.status_name(status)}: ${call.error_message(err[0])}`;
  call.error_free(err[0]);
  throw new Error(message);
}

function uint32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

class Feed {
  constructor(directory) {
    const db = [null];
    check('open', directory, null, db);
    this.db = db[0];
  }

  close() { call.free(this.db); }

  get(key) {
    const buf = Buffer.alloc(4096), size = [0];
    const outcome = check('get_into', this.db, key, key.length, buf, buf.length, size, null, 0);
    return outcome === 'OK' ? buf.subarray(0, Number(size[0])) : null;
  }

  // All of the rows or none: one buffer of (1, key, time to live, value) for each, -1 being "never".
  write(rows) {
    const ops = Buffer.concat(rows.flatMap(([key, value]) =>
      [Buffer.of(1), uint32(key.length), key, Buffer.alloc(8, 0xff), uint32(value.length), value]));
    check('write_packed', this.db, ops, ops.length, rows.length, 0);
  }

  // The next rows below a prefix behind the place of a token, as many as the buffer takes, and the token of the new place.
  page(prefix, token, bytes) {
    const iter = [null], used = [0], rows = [0], place = [null], size = [0];
    if (token === null) check('iter_prefix', this.db, prefix, prefix.length, 0, iter, 0);
    else check('iter_resume', this.db, token, token.length, iter);
    try {
      const buf = Buffer.alloc(bytes), found = [];
      check('iter_next_packed', iter[0], buf, buf.length, used, rows);
      for (let at = 0; found.length < Number(rows[0]);) {
        const take = () => buf.subarray(at + 4, (at += 4 + buf.readUInt32LE(at)));
        found.push([take(), take()]);
      }
      check('iter_token', iter[0], place, size);
      return { rows: found, token: Buffer.from(koffi.decode(place[0], 'uint8_t', Number(size[0]))) };
    } finally {
      call.iter_free(iter[0]);
    }
  }
}

const EVENTS = Buffer.from('event/'), PLACE = Buffer.from('reader/place'), TOTAL = Buffer.from('reader/total');

// Keys in order of time: the number of an event with its highest byte first.
function eventKey(number) {
  const digits = Buffer.alloc(8);
  digits.writeBigUInt64BE(BigInt(number));
  return Buffer.concat([EVENTS, digits]);
}

// One page: what was made of its events, and the place behind them. False when there is nothing to read.
function readPage(feed) {
  const { rows, token } = feed.page(EVENTS, feed.get(PLACE), 1024);
  if (rows.length === 0) return false;
  const total = Number(feed.get(TOTAL)?.toString() ?? 0) + rows.reduce((sum, [, value]) => sum + JSON.parse(value).paid, 0);
  feed.write([[TOTAL, Buffer.from(String(total))], [PLACE, token]]);
  return true;
}

const count = Number(process.argv[2] ?? 500);
const directory = mkdtempSync('/tmp/shale-feed-');
try {
  let feed = new Feed(directory), pages = 0;
  const event = (number) => [eventKey(number), Buffer.from(JSON.stringify({ number, paid: number % 7 }))];
  for (let number = 0; number < count; number++) feed.write([event(number)]);
  while (readPage(feed)) {
    if (++pages % 5 !== 0) continue;
    feed.close(); // the reader stops now and then, and another goes on
    feed = new Feed(directory);
  }
  feed.write([event(count), event(count + 1)]); // later events are met by a reader that was at the end
  assert(readPage(feed) && !readPage(feed));
  const paid = Array.from({ length: count + 2 }, (_, number) => number % 7).reduce((sum, each) => sum + each, 0);
  assert.strictEqual(Number(feed.get(TOTAL).toString()), paid, 'each event was read once');
  assert.throws(() => feed.get(Buffer.alloc(0)), /E_INVALID/);
  assert.throws(() => feed.page(EVENTS, Buffer.from('no token'), 1024), /E_INVALID/);
  feed.close();
  assert.strictEqual(Number(call.live_handles()), 0, 'everything was freed');
  console.log(`${count + 2} events in ${pages + 1} pages, ${paid} paid`);
} finally {
  rmSync(directory, { recursive: true });
}
