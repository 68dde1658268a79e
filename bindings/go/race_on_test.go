//go:build race

package shale_test

const raceEnabled = true
