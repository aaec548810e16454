import type { WebRoute } from '../route.ts'
import { showConsent, submitConsent } from './consent.ts'

export const consentRoutes: readonly WebRoute[] = [
  { method: 'get', path: '/consent/:uid', caller: 'browser', handler: showConsent },
  { method: 'post', path: '/consent/:uid', caller: 'form', handler: submitConsent },
]
