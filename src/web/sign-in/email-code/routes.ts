import { parsedRoute, type WebRoute } from '../../route.ts'
import {
  readChallenge,
  readCodeRequest,
  readEnteredCode,
  readMailedLink,
  showEnterCode,
  showMailedLink,
  submitCodeRequest,
  submitEnteredCode,
  submitMailedLink,
} from './email-code.ts'

const link = '/t/:tenant/:connection/sign-in'
const form = { method: 'post', caller: 'form', permission: 'none' } as const
const page = { method: 'get', caller: 'browser', permission: 'none' } as const

export const emailCodeRoutes: readonly WebRoute[] = [
  parsedRoute({ ...form, path: '/login/email', page: '/login' }, readCodeRequest, submitCodeRequest),
  parsedRoute({ ...page, path: '/login/code' }, readChallenge, showEnterCode),
  parsedRoute({ ...form, path: '/login/code' }, readEnteredCode, submitEnteredCode),
  parsedRoute({ ...page, path: link }, readMailedLink, showMailedLink),
  parsedRoute({ ...form, path: link }, readMailedLink, submitMailedLink),
]
