package shale

import (
	"errors"
	"io"
	"os"
	"runtime"
	"syscall"

	"shale/internal/cshale"
)

// BackupReport is what a backup or a restore has moved.
type BackupReport struct {
	Files        int64  `json:"files"`
	Bytes        int64  `json:"bytes"`
	WrittenBytes int64  `json:"written_bytes"` // copied or sent
	LinkedBytes  int64  `json:"linked_bytes"`  // shared with the store
	SameBytes    int64  `json:"same_bytes"`    // shared with the earlier backup, or only named
	JSON         string `json:"-"`             // all of it, as the library wrote it
}

// BackupOption is for one backup. Options add up.
type BackupOption struct {
	base  string
	flags uint32
}

// BackupBase makes a backup incremental: dir is an earlier backup of the same store, and what is the same there
// is not written again. A directory shares such files; a stream only names them, and needs the same base to be
// restored.
func BackupBase(dir string) BackupOption { return BackupOption{base: dir} }

// CopyFiles makes a directory that shares no files with the store: for another disk, or to be changed.
func CopyFiles() BackupOption { return BackupOption{flags: flagCopyFiles} }

// backupOptions sums up; base is nil if there is none.
func backupOptions(opts []BackupOption) (base *byte, flags uint32, err error) {
	for _, o := range opts {
		flags |= o.flags
		if o.base != "" {
			if base, err = cstring("path of the earlier backup", o.base); err != nil {
				return nil, 0, err
			}
		}
	}
	return base, flags, nil
}

// Backup makes a backup of the open store in the new directory dir ([ErrExists] if something is there), while
// reads and writes go on: one consistent cut, with every write in it that was acknowledged before the call. The
// directory is a store, and can be opened. Files that never change again are hard links where that can be. It
// appears when it is complete and durable. Options: [BackupBase], [CopyFiles]. progress may be nil;
// [ErrCancelled] if it asked for the end. Other errors: [ErrNoStore] (the base is none), [ErrIncompatible] (it is
// one of another store), [ErrLocked], [ErrReadOnly]. Waits for the disk.
func (db *DB) Backup(dir string, progress Progress, opts ...BackupOption) (*BackupReport, error) {
	path, err := cstring("path", dir)
	if err != nil {
		return nil, err
	}
	base, flags, err := backupOptions(opts)
	if err != nil {
		return nil, err
	}
	return reported(progress, func(token int64) cshale.Result {
		r := cshale.CallBackup(db.raw(), path, base, token, flags)
		runtime.KeepAlive(db)
		return r
	})
}

// BackupTo writes a backup as one stream to w, for [RestoreFrom]; else it is [DB.Backup]. An *os.File is written to
// by the library itself; other writers are called on this goroutine, and progress on another one. After an error
// what was written is no backup, and a restore says so. Options: [BackupBase].
func (db *DB) BackupTo(w io.Writer, progress Progress, opts ...BackupOption) (*BackupReport, error) {
	base, flags, err := backupOptions(opts)
	if err == nil && flags != 0 {
		err = invalid("BackupTo takes no option but BackupBase")
	}
	if err == nil && w == nil {
		err = invalid("BackupTo needs a writer")
	}
	if err != nil {
		return nil, err
	}
	toFile := func(f *os.File) (*BackupReport, error) {
		return onDescriptor(f, func(fd int32) (*BackupReport, error) {
			return reported(progress, func(token int64) cshale.Result {
				r := cshale.CallBackupStream(db.raw(), fd, base, token)
				runtime.KeepAlive(db)
				return r
			})
		})
	}
	if f, ok := w.(*os.File); ok {
		return toFile(f)
	}
	from, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer from.Close()
	wait := inBackground(to, toFile)
	_, copyErr := io.Copy(w, from)
	from.Close() // if the copy has failed, the library learns so
	report, err := wait()
	if copyErr != nil {
		return nil, copyErr
	}
	return report, err
}

// Restore makes a store in the new directory dir ([ErrExists] if something is there) of the backup in the directory
// from, which is not changed. Every byte is compared with the checksums of the backup: [ErrCorrupt] names the file.
// The store shares nothing with the backup, and appears when it is complete and durable. progress may be nil;
// [ErrCancelled] if it asked for the end. Other errors: [ErrNoStore] (there is no backup, or it was opened as a
// store since), [ErrLocked], [ErrNoSpace]. Waits for the disk.
func Restore(from, dir string, progress Progress) (*BackupReport, error) {
	source, err := cstring("path of the backup", from)
	if err != nil {
		return nil, err
	}
	path, err := cstring("path", dir)
	if err != nil {
		return nil, err
	}
	return reported(progress, func(token int64) cshale.Result { return cshale.CallRestore(source, path, token) })
}

// RestoreFrom makes a store of a stream that [DB.BackupTo] wrote, which it reads to its end; else it is [Restore].
// [ErrCorrupt] if the stream is damaged, cut short or continued. Options: [BackupBase], the directory of the backup
// that the stream builds on, restored if that was a stream too; [ErrInvalid] says that there must be one, or
// another. An *os.File is read by the library itself; other readers are called on this goroutine, and progress on
// another one.
func RestoreFrom(r io.Reader, dir string, progress Progress, opts ...BackupOption) (*BackupReport, error) {
	path, err := cstring("path", dir)
	if err != nil {
		return nil, err
	}
	base, flags, err := backupOptions(opts)
	if err == nil && flags != 0 {
		err = invalid("RestoreFrom takes no option but BackupBase")
	}
	if err == nil && r == nil {
		err = invalid("RestoreFrom needs a reader")
	}
	if err != nil {
		return nil, err
	}
	fromFile := func(f *os.File) (*BackupReport, error) {
		return onDescriptor(f, func(fd int32) (*BackupReport, error) {
			return reported(progress, func(token int64) cshale.Result {
				return cshale.CallRestoreStream(fd, base, path, token)
			})
		})
	}
	if f, ok := r.(*os.File); ok {
		return fromFile(f)
	}
	from, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer to.Close()
	wait := inBackground(from, fromFile)
	_, copyErr := io.Copy(to, r)
	to.Close()
	report, err := wait()
	if copyErr != nil && !(errors.Is(copyErr, syscall.EPIPE) && err != nil) {
		return nil, copyErr // the cause, unless the library stopped to read first
	}
	return report, err
}

// reported is a call with a report. A descriptor or a base that is there need not be kept: they are arguments.
func reported(progress Progress, call func(token int64) cshale.Result) (report *BackupReport, err error) {
	withProgress(progress, func(token int64) {
		r := call(token)
		if err = check(r.Status(), r.Handle()); err == nil {
			report = &BackupReport{}
			report.JSON, err = takeReport(&r, report)
		}
	})
	if err != nil {
		return nil, err
	}
	return report, nil
}

// onDescriptor lends the descriptor of a file, which cannot be closed meanwhile.
func onDescriptor(f *os.File, work func(fd int32) (*BackupReport, error)) (report *BackupReport, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	if lent := conn.Control(func(fd uintptr) { report, err = work(int32(fd)) }); lent != nil {
		return nil, lent
	}
	return report, err
}

// inBackground does work on one end of a pipe, and closes it. wait gives what came of it; a panic goes on there.
func inBackground(end *os.File, work func(*os.File) (*BackupReport, error)) (wait func() (*BackupReport, error)) {
	var report *BackupReport
	var err error
	done := make(chan any, 1)
	go func() {
		defer func() {
			panicked := recover()
			end.Close()
			done <- panicked
		}()
		report, err = work(end)
	}()
	return func() (*BackupReport, error) {
		if panicked := <-done; panicked != nil {
			panic(panicked)
		}
		return report, err
	}
}
