import { z } from 'zod'
import { formRoute, type WebRoute } from '../route.ts'
import { showConsent, submitConsent } from './consent.ts'

const consentForm = z.object({ session: z.string().max(64).optional(), answer: z.string().max(16).optional() })

export const consentRoutes: readonly WebRoute[] = [
  { method: 'get', path: '/consent/:uid', caller: 'browser', handler: showConsent },
  formRoute('/consent/:uid', consentForm, submitConsent),
]
