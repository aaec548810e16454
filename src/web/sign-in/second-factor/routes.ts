import { parsedRoute, type WebRoute } from '../../route.ts'
import { secondFactorPath, setupPath } from './finish-sign-in.ts'
import { passkeyOptionsPath, setupPasskeyOptionsPath } from './paths.ts'
import {
  readPasskeyOptions,
  readSecondFactor,
  readSecondFactorForm,
  sendPasskeyOptions,
  showSecondFactor,
  submitSecondFactor,
} from './second-factor.ts'
import { readSetup, readSetupForm, readSetupOptions, sendSetupOptions, showSetup, submitSetup } from './setup.ts'

export const secondFactorRoutes: readonly WebRoute[] = [
  parsedRoute(
    { method: 'get', path: secondFactorPath, caller: 'browser', permission: 'none' },
    readSecondFactor,
    showSecondFactor,
  ),
  parsedRoute(
    { method: 'post', path: secondFactorPath, caller: 'form', permission: 'none' },
    readSecondFactorForm,
    submitSecondFactor,
  ),
  parsedRoute(
    { method: 'post', path: passkeyOptionsPath, caller: 'form', permission: 'none' },
    readPasskeyOptions,
    sendPasskeyOptions,
  ),
  parsedRoute({ method: 'get', path: setupPath, caller: 'browser', permission: 'none' }, readSetup, showSetup),
  parsedRoute({ method: 'post', path: setupPath, caller: 'form', permission: 'none' }, readSetupForm, submitSetup),
  parsedRoute(
    { method: 'post', path: setupPasskeyOptionsPath, caller: 'form', permission: 'none' },
    readSetupOptions,
    sendSetupOptions,
  ),
]
