// The script of the reference. The page is complete without it: it adds copying, the form, and the place in the contents.

import { followContents } from './contents.ts'
import { improveSamples } from './samples.ts'
import { enableTrying } from './try-dialog.ts'

improveSamples()
followContents()
enableTrying()
