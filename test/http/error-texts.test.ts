import { expect, it } from 'vitest'
import { type ErrorCode, errorTable, GatehouseError } from '../../src/errors.ts'
import { errorTextOf, errorTexts, problemTextOf } from '../../src/http/error-texts.ts'

it.each([
  [2.5, 'Try again in a few seconds.'],
  [11, 'Try again in a minute.'],
  [60, 'Try again in a minute.'],
  [299.2, 'Try again in 5 minutes.'],
  [300, 'Try again in 5 minutes.'],
])('shows how long to wait after too many attempts: %d s', (retryAfterSeconds, text) => {
  const error = new GatehouseError('too_many_attempts', 'too many', { retryAfterSeconds })
  expect(errorTextOf(error).text).toBe(text)
})

it('shows no time if it is unknown or waiting does not help', () => {
  expect(errorTextOf(new GatehouseError('too_many_attempts', 'too many'))).toEqual(errorTexts.too_many_attempts)
  expect(errorTextOf(new GatehouseError('server_busy', 'server_busy', { retryAfterSeconds: 1 }))).toEqual(
    errorTexts.server_busy,
  )
})

it('names the identity provider if it is known', () => {
  const error = new GatehouseError('upstream_unreachable', 'timeout')
  expect(errorTextOf(error).title).toBe("The identity provider isn't responding")
  expect(errorTextOf(error, 'Okta').title).toBe("Okta isn't responding")
})

it('a page names no operation of the API; a problem document may', () => {
  const codes = Object.keys(errorTable) as ErrorCode[]
  const onPages = codes.filter((code) => /\/api\/|\bPOST\b/.test(errorTextOf(new GatehouseError(code, 'x')).text))
  expect(onPages).toEqual([])
  expect(problemTextOf(new GatehouseError('fresh_sign_in_required', 'x')).text).toContain('/api/v1/sessions/step-up')
})
