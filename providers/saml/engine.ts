/** @node-saml and all it brings along: a tenth of a second that the start of the process need not wait for. */
import { later } from '../../src/primitives/lazy.ts'

export const engine = later(() => import('./node-saml.ts'))
