import { expect, it } from 'vitest'
import { GatehouseError } from '../../../src/errors.ts'
import { formError } from '../../../src/web/errors/form-error.ts'

it('names who can fix a refused sign-in as its trace does, else as the code does', () => {
  const error = new GatehouseError('connection_unknown', 'no such connection', { text: 'It failed.' })
  expect(formError(error, 'operator').text).toMatch(/^It failed\. .*operator/)
  expect(formError(error, 'user').text).toBe('It failed.')
})
