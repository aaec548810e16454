/** Signing in with a passkey, on the sign-in page. */
import type { Request } from 'express'
import {
  type AssertionPorts,
  isRemovedPasskey,
  PasskeyUnknown,
  passkeyAssertionOptions,
} from '../../broker/factors/passkeys/assertion.ts'
import { assertOffered, signInWithPasskey } from '../../broker/factors/passkeys/sign-in.ts'
import { enforceSourceLimit } from '../../broker/limits/rate-limits.ts'
import { GatehouseError } from '../../errors.ts'
import { promptOf, readLoginParams, sourceOf } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { formOf, requiredText } from '../../http/fields.ts'
import { refusePage } from '../errors/failure.ts'
import type { Call, PartsOf, Shell } from '../shell.ts'
import { completeSignIn } from '../sign-in/complete-sign-in.ts'
import { chooseKept, readKeepChoice } from '../sign-in/kept-sign-in.ts'
import { type LoginPorts, refusedOnOwnPage, renderSignIn, tenantOf } from '../sign-in/login.ts'
import { pendingBrowserHash } from '../sign-in/pending-browser.ts'
import type { PasskeySignal } from './passkey-form.tsx'

type PasskeyLoginPorts = LoginPorts & PartsOf<typeof signInWithPasskey> & { readonly parts: AssertionPorts }

export function readPasskeyLogin(request: Request) {
  const form = formOf(request)
  return { params: readLoginParams(form), prompt: promptOf(form) }
}

type PasskeyLogin = ReturnType<typeof readPasskeyLogin>

/** Options with a new challenge, as JSON for the page's script. */
export async function sendSignInOptions(call: Call<PasskeyLoginPorts>, { params }: PasskeyLogin): Promise<void> {
  const { shell, request, response } = call
  const { parts } = shell
  const tenant = requireTenant(shell, params)
  assertOffered(parts, parts.connections.tenant(tenant))
  const browser = await browserOf(call)
  await enforceSourceLimit(parts.counters, 'passkey-challenge', sourceOf(request), tenant)
  response.set('cache-control', 'no-store').json(await passkeyAssertionOptions(parts, { tenant, bound: browser }))
}

export function readPasskeyAnswer(request: Request) {
  const form = formOf(request)
  return {
    ...readPasskeyLogin(request),
    isKept: readKeepChoice(form),
    response: requiredText(form, 'response', 16_384),
  }
}

export async function submitPasskeyLogin(
  call: Call<PasskeyLoginPorts>,
  { params, prompt, isKept, response }: ReturnType<typeof readPasskeyAnswer>,
): Promise<void> {
  const { shell, request } = call
  const tenant = requireTenant(shell, params)
  const finished = await signInWithPasskey(
    shell.parts,
    { ...params, tenant, browser: await browserOf(call) },
    { response, device: deviceOf(request.headers['user-agent']), source: sourceOf(request) },
  )
  if (finished.outcome === 'signed in') {
    chooseKept(call, isKept)
    return completeSignIn(call, finished)
  }
  const { error, fixer, reference } = finished
  if (refusedOnOwnPage.has(error.code)) return refusePage(call, finished)
  const signal = await removalSignal(shell, error)
  await renderSignIn(call, { params: { ...params, tenant }, prompt, step: 'email', error, fixer, reference, signal })
}

/** So that the browser no longer offers a passkey that was removed. */
async function removalSignal({ parts }: PasskeyLoginPorts, error: GatehouseError): Promise<PasskeySignal | undefined> {
  if (!(error instanceof PasskeyUnknown) || parts.passkeySite === undefined) return undefined
  if (!(await isRemovedPasskey(parts, error))) return undefined
  return { rpId: parts.passkeySite.rpId, unknown: error.credentialId }
}

function requireTenant(shell: LoginPorts, params: PasskeyLogin['params']): string {
  const found = tenantOf(shell, params)
  if (found === null) throw new GatehouseError('request_invalid', 'no tenant', { text: 'The tenant is missing.' })
  return found.tenant
}

/** The page set its cookie. Throws `login_other_browser`. */
async function browserOf(call: Call<Pick<Shell, 'cookie' | 'keyRing'> & PasskeyLoginPorts>): Promise<string> {
  const browser = await pendingBrowserHash(call)
  if (browser === undefined) throw new GatehouseError('login_other_browser', 'a browser without our cookie')
  return browser
}
