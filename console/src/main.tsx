// The entry of the console: shows the app on the page.

import { render } from 'preact'
import { App } from './shell/app.tsx'
import './console.css'

const root = document.getElementById('console')
if (root === null) throw new Error('The page has no element #console.')
render(<App />, root)
