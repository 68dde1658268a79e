package shale_test

import (
	"bytes"
	"fmt"

	"shale"
)

// Verbs of the shared cases on backups. They leave nothing behind.

func init() {
	verbs["backup"] = (*caseRun).backup
	verbs["backup-stream"] = (*caseRun).backupStream
}

// keysOf is how many keys the store in dir has, which is removed then.
func (c *caseRun) keysOf(dir string) outcome {
	db, err := shale.Open(dir, c.options...)
	if err != nil {
		return failed(err)
	}
	extent, err := db.Count(shale.KeyRange{}, nil)
	db.Close()
	if destroyed := shale.Destroy(dir); err == nil {
		err = destroyed
	}
	return withNumber(extent.Keys, err)
}

func (c *caseRun) backup(a *opArgs) outcome {
	first, second, back := c.dir+".first", c.dir+".second", c.dir+".back"
	calls := 0
	report, err := c.db.Backup(first, func(done, total int64) bool { calls++; return done <= total })
	if err != nil {
		return failed(err)
	}
	if calls == 0 || report.Files == 0 {
		return outcome{complaint: fmt.Sprintf("%d calls, %s", calls, report.JSON)}
	}
	if _, err = c.db.Backup(second, nil, shale.BackupBase(first), shale.CopyFiles()); err == nil {
		_, err = shale.Restore(second, back, nil)
	}
	for _, dir := range []string{first, second} {
		if destroyed := shale.Destroy(dir); err == nil {
			err = destroyed
		}
	}
	if err != nil {
		return failed(err)
	}
	return c.keysOf(back)
}

func (c *caseRun) backupStream(a *opArgs) outcome {
	var stream bytes.Buffer
	_, err := c.db.BackupTo(&stream, nil)
	if err == nil {
		_, err = shale.RestoreFrom(&stream, c.dir+".back", nil)
	}
	if err != nil {
		return failed(err)
	}
	return c.keysOf(c.dir + ".back")
}
