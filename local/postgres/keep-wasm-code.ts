// V8 13.6 can free the code of a WebAssembly import twice and then aborts the process, now and then, when threads run PGlite
// (https://github.com/nodejs/node/issues/64500). It frees none while its garbage collection of such code is off, which
// costs a few megabytes. The flag is the whole process's, whichever thread sets it.
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--no-wasm-code-gc')
