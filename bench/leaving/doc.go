// Package leaving proves that a plain Hydra and a plain Kratos go on where identityd stopped, with the files of identityd eject.
package leaving
