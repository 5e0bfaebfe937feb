//go:build !linux

package config

func mountedReadOnly(string) bool { return false }
