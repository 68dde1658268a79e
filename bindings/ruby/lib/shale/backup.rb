# frozen_string_literal: true

require "fcntl"

module Shale
  class DB
    # Makes a backup of the open store in the new directory +path+ (ExistsError if something is there), while other
    # threads go on: one consistent cut, with every write in it that was done before the call. The directory is a
    # store, and can be opened. Files that never change again are hard links where that can be; it appears when it is
    # complete and durable. May block.
    #
    # +base+:: directory of an earlier backup of this store: files that are the same there are shared with it
    # +copy_files+:: true shares no files with the store: for another disk, or to be changed
    #
    # Yields how many bytes of how many are done; a block that returns false ends it: CancelledError. Returns a Hash:
    # "files", "bytes", and of these "written_bytes" (copied), "linked_bytes" (shared with the store) and "same_bytes"
    # (shared with the base). NoStoreError or IncompatibleError if the base is no backup of this store.
    #
    #   Shale.open("data", memory: "32MiB") do |store|
    #     store["key"] = "value"
    #     store.backup("monday")
    #     store.backup("tuesday", base: "monday")
    #   end
    #   Shale.restore("tuesday", "again")
    def backup(path, base: nil, copy_files: false, &block)
      flags = copy_files ? Flag::COPY_FILES : 0
      Backups.report(File.path(path)) { |at| Raw.backup(self, at, base && File.path(base), flags, block) }
    end

    # Writes a backup as one stream to +io+, for Shale.restore_from: an ::IO, or any object with a method +write+,
    # which another thread then calls. Else as #backup. After an error what was written is no backup, and a restore
    # says so. A +base+ is needed to restore such a stream too. May block.
    #
    #   require "zlib"
    #   Shale.open("data", memory: "32MiB") do |store|
    #     Zlib::GzipWriter.open("data.gz") { |gz| store.backup_to(gz) }
    #   end
    #   Zlib::GzipReader.open("data.gz") { |gz| Shale.restore_from(gz, "again") }
    def backup_to(io, base: nil, &block)
      Backups.report { Streams.write(io) { |fd| Raw.backup_stream(self, fd, base && File.path(base), block) } }
    end
  end

  class << self
    # Makes a store in the new directory +path+ of the backup in directory +from+, which is not changed. Every byte is
    # compared with the checksums of the backup: CorruptionError names the file. The store shares nothing with the
    # backup, and appears when it is complete and durable. Yields, returns and raises as DB#backup; NoStoreError if
    # there is no backup, or it was opened as a store since. May block.
    def restore(from, path, &block)
      Backups.report(File.path(path)) { |at| Raw.restore(File.path(from), at, block) }
    end

    # The same from a stream that DB#backup_to wrote, which is read to its end: an ::IO of which nothing was read ahead,
    # or any object with a method +read+, which another thread then calls. +base+ is the directory of the backup that
    # the stream builds on, restored if that was a stream too; InvalidError says that there must be one, or another.
    # CorruptionError if the stream is damaged, cut short or continued. May block.
    def restore_from(io, path, base: nil, &block)
      Backups.report(File.path(path)) do |at|
        Streams.read(io) { |fd| Raw.restore_stream(fd, base && File.path(base), at, block) }
      end
    end
  end

  # What the calls above have in common.
  module Backups # :nodoc:
    def self.report(path = nil)
      status, json = yield path
      raise CancelledError if status == Code::CANCELLED
      raise ExistsError, "something is at #{path} already" if status == Code::EXISTS

      JSON.parse(json)
    end
  end
  private_constant :Backups

  # From objects to descriptors, which is what the library knows. What is no ::IO is used by a thread, at the other end
  # of a pipe; what that thread meets comes before what the library says.
  module Streams # :nodoc:
    class << self
      def write(io)
        return yield(io.tap(&:flush).fileno) if direct?(io, Fcntl::O_WRONLY)
        raise TypeError, "wrong argument type #{io.class} (expected IO, or an object with write)" unless io.respond_to?(:write)

        ours, theirs = ::IO.pipe(binmode: true)
        pump = thread(ours) { ::IO.copy_stream(ours, io) }
        begin
          yield theirs.fileno
        ensure
          theirs.close
          pump.value
        end
      end

      def read(io)
        return yield(io.fileno) if direct?(io, Fcntl::O_RDONLY)
        raise TypeError, "wrong argument type #{io.class} (expected IO, or an object with read)" unless io.respond_to?(:read)

        theirs, ours = ::IO.pipe(binmode: true)
        pump = thread(ours) { ::IO.copy_stream(io, ours) }
        begin
          outcome = yield theirs.fileno
        ensure
          theirs.close
          finish(pump, !outcome.nil? && outcome[0] == Code::OK)
        end
      end

      private

      def thread(pipe)
        Thread.new do
          Thread.current.report_on_exception = false
          yield
        ensure
          pipe.close
        end
      end

      # The library may have stopped to read before the end, and then nobody needs the rest.
      def finish(pump, whole)
        pump.kill unless whole
        pump.value
      rescue Errno::EPIPE
        raise if whole
      end

      # A descriptor that the library can use itself: of a process that is read and written to, fileno gives only one.
      def direct?(io, mode)
        return false unless io.is_a?(::IO)

        access = io.fcntl(Fcntl::F_GETFL) & Fcntl::O_ACCMODE
        access == mode || access == Fcntl::O_RDWR
      end
    end
  end
  private_constant :Streams
end
