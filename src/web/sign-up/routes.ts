import type { WebRoute } from '../route.ts'
import { showChoosePassword, showRequest, submitChoosePassword, submitRequest } from './sign-up.ts'

const verify = '/t/:tenant/:connection/verify'
const reset = '/t/:tenant/:connection/reset'

export const signUpRoutes: readonly WebRoute[] = [
  { method: 'get', path: '/sign-up', caller: 'anyone', handler: showRequest('sign-up') },
  { method: 'post', path: '/sign-up', caller: 'form', handler: submitRequest('sign-up') },
  { method: 'get', path: '/forgot', caller: 'anyone', handler: showRequest('reset') },
  { method: 'post', path: '/forgot', caller: 'form', handler: submitRequest('reset') },
  { method: 'get', path: verify, caller: 'anyone', handler: showChoosePassword('sign-up') },
  { method: 'post', path: verify, caller: 'form', handler: submitChoosePassword('sign-up') },
  { method: 'get', path: reset, caller: 'anyone', handler: showChoosePassword('reset') },
  { method: 'post', path: reset, caller: 'form', handler: submitChoosePassword('reset') },
]
