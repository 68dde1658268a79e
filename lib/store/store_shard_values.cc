// The part of StoreShard that turns values into what is stored, and back: where they lie and in which form.
#include "store/store_shard.h"

namespace shale {

Status StoreShard::ReadPlace(const KeyRef& key, DiskPlace place, uint32_t value_len, DiskRead* out) {
  log_reads_.fetch_add(1, std::memory_order_relaxed);
  LogRecord record;
  SHALE_RETURN_IF_NOT_OK(
      log_->ReadUpTo(place, key.key, config_.codec->StoredBytesMost(value_len), &out->storage, &record));
  out->value = record.value;
  SHALE_RETURN_IF_NOT_OK(Unseal(key.key, record.flags & kRecordForm, place, &out->storage, &out->value));
  if (out->value.size() == value_len) return Status::Ok();
  return Status::Corrupt(name_ + ": a remembered place holds another value").InShard(config_.number);
}

DiskPlace StoreShard::PlaceOf(const DiskWrite& write) const {
  return write.kind == DiskWrite::Kind::kPut && !LiesInIndex({write.stored(), write.form}) ? write.place : 0;
}

bool StoreShard::LiesInIndex(const StoredValue& stored) const {
  return ValueCodec::BytesBeforeEncryption(stored) <= config_.inline_max;
}

// NOT_FOUND: the segment is gone.
Status StoreShard::FetchValue(Bytes key, const IndexRow& row, Buffer* storage, Bytes* value) {
  if (row.inline_value) {
    storage->assign(row.value);
    *value = *storage;
    return Unseal(key, row.value_form, 0, storage, value);
  }
  log_reads_.fetch_add(1, std::memory_order_relaxed);
  LogRecord record;
  Status s = log_->Read(row.position, key, row.value_len, storage, &record);
  if (!s.ok()) return s.IsError() ? std::move(s).InShard(config_.number) : s;
  *value = record.value;
  return Unseal(key, record.flags & kRecordForm, row.position, storage, value);
}

// `at`: 0 if it lies in the index.
Status StoreShard::Unseal(Bytes key, uint8_t form, LogPosition at, Buffer* storage, Bytes* value) const {
  if (form == 0 && !config_.codec->encrypts()) return Status::Ok();
  const Status s = config_.codec->Unseal(key, form, storage, value);
  if (s.ok()) return s;
  *value = Bytes();
  const std::string where =
      at == 0 ? name_ + ": an index row"
              : log_->FileName(SegmentOf(at)) + ": record at offset " + std::to_string(OffsetOf(at));
  // That there is no key was found out at open: such a value does not belong here.
  const Code code = s.Is(Code::E_INCOMPATIBLE) ? Code::E_CORRUPT : s.code();
  return Status::Error(code, where + ": " + s.message()).InShard(config_.number);
}

Status StoreShard::Prepare(DiskWrite* write) const {
  if (write->prepared || write->kind != DiskWrite::Kind::kPut) return Status::Ok();
  if (config_.codec->seals()) {
    SHALE_RETURN_IF_NOT_OK(
        config_.codec->Seal(write->key.key, write->value, &write->stored_bytes, &write->form));
    write->stored_apart = write->form != 0;
    if (!write->stored_apart) Buffer().swap(write->stored_bytes);   // of an attempt that did not pay
  }
  write->prepared = true;
  return Status::Ok();
}

// Relaxed: statistics.
void StoreShard::CountSealed(const DiskWrite& write) {
  if (!config_.codec->WantsCompression(write.value)) return;
  if ((write.form & kRecordCompressed) == 0) {
    raw_bytes_.fetch_add(write.value.size(), std::memory_order_relaxed);
    return;
  }
  compressed_values_.fetch_add(1, std::memory_order_relaxed);
  compressed_from_.fetch_add(write.value.size(), std::memory_order_relaxed);
  compressed_to_.fetch_add(ValueCodec::BytesBeforeEncryption({write.stored(), write.form}),
                           std::memory_order_relaxed);
}

}   // namespace shale
