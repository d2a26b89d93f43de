package main

import (
	"go/types"
	"reflect"
	"runtime"
	"slices"
	"unsafe"
)

// A measure is how large things are on an architecture, and what they are called in the package.
type measure struct {
	types.Sizes
	arch      string
	pkg       *types.Package
	qualifier types.Qualifier
}

func (m measure) structType(t *types.Struct) structType {
	result := structType{Fields: []field{}}
	vars := make([]*types.Var, t.NumFields())
	for i := range vars {
		vars[i] = t.Field(i)
	}
	offsets := m.Offsetsof(vars)
	for i, v := range vars {
		end := m.Sizeof(t)
		if i+1 < len(vars) {
			end = offsets[i+1]
		}
		size := m.Sizeof(v.Type())
		padding := end - offsets[i] - size
		result.Padding += padding
		name := v.Name()
		if v.Embedded() {
			name = ""
		}
		result.Fields = append(result.Fields, field{
			Name: name, Type: types.TypeString(v.Type(), m.qualifier), Fields: m.within(v.Type()),
			Offset: offsets[i], Size: size, Align: m.Alignof(v.Type()), Padding: padding,
		})
	}
	return result
}

// within lists the fields of a struct that is written in the package. What is in others is their own affair.
func (m measure) within(t types.Type) []field {
	t = types.Unalias(t)
	if named, ok := t.(*types.Named); ok && named.Obj().Pkg() != m.pkg {
		return nil
	}
	if inner, ok := t.Underlying().(*types.Struct); ok {
		return m.structType(inner).Fields
	}
	return nil
}

// pointerBytes is where the last pointer ends (cmd/compile/internal/types, PtrDataSize).
func (m measure) pointerBytes(t types.Type) int64 {
	word := m.Sizeof(types.Typ[types.Uintptr])
	switch t := t.Underlying().(type) {
	case *types.Basic:
		if t.Kind() == types.String || t.Kind() == types.UnsafePointer {
			return word
		}
	case *types.Pointer, *types.Map, *types.Chan, *types.Signature, *types.Slice:
		return word
	case *types.Interface:
		return 2 * word
	case *types.Array:
		if of := m.pointerBytes(t.Elem()); t.Len() > 0 && of > 0 {
			return (t.Len()-1)*m.Sizeof(t.Elem()) + of
		}
	case *types.Struct:
		vars := slices.Collect(t.Fields())
		for i, offset := range slices.Backward(m.Offsetsof(vars)) {
			if of := m.pointerBytes(vars[i].Type()); of > 0 {
				return offset + of
			}
		}
	}
	return 0
}

var blocks = map[[2]int64]int64{}

// block measures what the runtime takes for a value of this size on the heap. 0 where small ones share a block, and where
// blocks are of whole pages.
func block(size int64, hasPointers bool) int64 {
	const tiny, small, count = 16, 32 << 10, 64
	if size == 0 || size > small-8 || size < tiny && !hasPointers {
		return 0
	}
	key := [2]int64{size, 0}
	like := reflect.ArrayOf(int(size), reflect.TypeFor[byte]())
	if hasPointers {
		key[1] = 1
		like = reflect.ArrayOf(int(size/8), reflect.TypeFor[unsafe.Pointer]())
	}
	if blocks[key] == 0 {
		// The first one makes the pointer's type as well.
		reflect.New(like)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range count {
			reflect.New(like)
		}
		runtime.ReadMemStats(&after)
		blocks[key] = int64(after.TotalAlloc-before.TotalAlloc) / count
	}
	return blocks[key]
}

// isGeneric tells whether a type's size hangs on type parameters.
func isGeneric(t types.Type) bool {
	seen := map[types.Type]bool{}
	var walk func(types.Type) bool
	walk = func(t types.Type) bool {
		if seen[t] {
			return false
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.TypeParam:
			return true
		case *types.Named:
			for arg := range t.TypeArgs().Types() {
				if walk(arg) {
					return true
				}
			}
			return walk(t.Underlying())
		case *types.Struct:
			for field := range t.Fields() {
				if walk(field.Type()) {
					return true
				}
			}
		case *types.Array:
			return walk(t.Elem())
		case *types.Pointer:
			return walk(t.Elem())
		case *types.Slice:
			return walk(t.Elem())
		case *types.Map:
			return walk(t.Key()) || walk(t.Elem())
		case *types.Chan:
			return walk(t.Elem())
		}
		return false
	}
	return walk(t)
}
