import { z } from 'zod'
import { formRoute, parsedRoute, type WebRoute } from '../route.ts'
import { readAccessQuery, showAccess } from './access-refused.ts'
import { readConsentQuery, showConsent, submitConsent } from './consent.ts'

const path = '/consent/:uid'
const consentForm = z.object({ session: z.string().max(64).optional(), answer: z.string().max(16).optional() })

export const consentRoutes: readonly WebRoute[] = [
  parsedRoute({ method: 'get', path, caller: 'browser', permission: 'none' }, readConsentQuery, showConsent),
  formRoute(path, 'none', consentForm, submitConsent),
  parsedRoute(
    { method: 'get', path: '/access/:app', caller: 'browser', permission: 'none' },
    readAccessQuery,
    showAccess,
  ),
]
