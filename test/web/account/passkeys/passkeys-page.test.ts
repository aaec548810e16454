/** The page of passkeys as HTML. */
import { expect, it } from 'vitest'
import { factorPages } from '../../../support/pages/factor-samples.ts'

it('asks for another sign-in only once the user starts to create another passkey', () => {
  const page = factorPages()['passkeys-stale'] ?? ''
  expect(page).toContain('href="/login">Create another passkey</a>')
  expect(page).not.toMatch(/Confirm it's you|too long ago|Sign in again/)
})
