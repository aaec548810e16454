import { renderToString } from 'preact-render-to-string'
import { expect, it } from 'vitest'
import { SearchForm } from '../../../src/web/admin/sign-ins/search-form.tsx'

const form = (values: { readonly since?: string; readonly email?: string }) =>
  renderToString(<SearchForm values={values} faults={[]} choosesTenant={false} connections={[]} />)

it('unfolds the rare filters of sign-ins only when one is set', () => {
  expect(form({ email: 'ada@acme.test' })).toMatch(/<details class="more-filters">/)
  expect(form({ since: '2026-11-01' })).toMatch(/<details class="more-filters" open/)
})
