import { expect, it } from 'vitest'
import { GatehouseError } from '../../../src/errors.ts'
import { waitText } from '../../../src/web/errors/retry-text.ts'

it.each([
  [2.5, 'Please try again in a few seconds.'],
  [11, 'Please try again in a minute.'],
  [60, 'Please try again in a minute.'],
  [299.2, 'Please try again in 5 minutes.'],
  [300, 'Please try again in 5 minutes.'],
])('after too many tries a person is told how long to wait: %d s', (retryAfterSeconds, text) => {
  expect(waitText(new GatehouseError('too_many_attempts', 'too many', { retryAfterSeconds }))).toBe(text)
})

it('where nobody knows how long, or waiting is not for the person, nothing is added', () => {
  expect(waitText(new GatehouseError('too_many_attempts', 'too many'))).toBeUndefined()
  expect(waitText(new GatehouseError('busy', 'busy', { retryAfterSeconds: 1 }))).toBeUndefined()
})
