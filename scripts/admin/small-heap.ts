// Keeps the process small, however long a file is: V8 would otherwise let garbage grow with the machine's memory.
// Imported before all else, as these flags hold for the heap that is yet to grow.
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--max-semi-space-size=4')
setFlagsFromString('--semi-space-growth-factor=1')
setFlagsFromString('--heap-growing-percent=50')
