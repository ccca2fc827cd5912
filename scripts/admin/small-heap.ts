// Keeps the process small for files of any length: V8 would otherwise let garbage grow with the machine's memory.
// Imported first, because these flags affect only the heap that has not grown yet.
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--max-semi-space-size=4')
setFlagsFromString('--semi-space-growth-factor=1')
setFlagsFromString('--heap-growing-percent=50')
