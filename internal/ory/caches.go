package ory

import (
	"fmt"
	"reflect"
	"unsafe"
)

// CloseCache closes a cache that an engine keeps in an unexported field, found by the names of fields from holder
// on, and that nothing else can close: its goroutines and counters would outlive the engine
// (docs/ory-quirks.md#q171). A nil pointer on the way means that it was never made. Nobody may be inside the engine.
func CloseCache(holder any, path ...string) error {
	v := reflect.ValueOf(holder)
	for _, name := range path {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			if v.IsNil() {
				return nil
			}
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct || !v.FieldByName(name).IsValid() {
			return fmt.Errorf("closing the cache of a %T: there is no field %s", holder, name)
		}
		v = v.FieldByName(name)
	}
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil
	}
	// What is unexported may be looked at, and not be called.
	cache, ok := reflect.NewAt(v.Type().Elem(), unsafe.Pointer(v.Pointer())).Interface().(interface{ Close() })
	if !ok {
		return fmt.Errorf("closing the cache of a %T: a %s cannot be closed", holder, v.Type())
	}
	cache.Close()
	return nil
}
