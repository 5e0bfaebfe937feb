//go:build !linux

package doctor

import "errors"

func spaceOf(string) (Space, error) { return Space{}, errors.ErrUnsupported }
