/** @node-saml and all it brings along: a tenth of a second that the start of the process need not wait for. */
import { lazy } from '../../src/primitives/lazy.ts'

export const engine = lazy(() => import('./node-saml.ts'))
