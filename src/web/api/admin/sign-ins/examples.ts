export const signInExample = {
  reference: '7KQ2-M9XD',
  tenant: 'acme',
  connection: 'okta',
  startedAt: '2026-11-29T09:30:00.000Z',
  outcome: 'refused',
  title: 'Okta signs with a key that it does not publish',
  fix: 'Check that the keys of the issuer are the current ones, and that no proxy changes or caches them. After a key change at Okta, sign in again.',
  fixer: 'tenant admin',
  code: 'upstream_invalid',
  cause: 'upstream_invalid: signature',
  email: 'ada@acme.example',
}

export const traceExample = {
  ...signInExample,
  setupGuide: 'providers/okta/setup.md, When it does not work',
  reasons: [],
  steps: [
    {
      name: 'ID token',
      atMs: 18_740,
      tookMs: 20,
      note: 'the signature of the token was not accepted: its key is not among the published ones',
      checks: [
        {
          name: 'signature',
          ok: false,
          expected: 'made by a key the issuer publishes',
          got: 'its key is not among the published ones',
        },
      ],
    },
  ],
}

const { tenant, connection, cause, code, title, fix, fixer, reference } = signInExample

export const failureExample = {
  ...{ tenant, connection, cause, code, title, fix, fixer },
  count: 214,
  firstAt: '2026-11-29T08:02:11.000Z',
  lastAt: '2026-11-29T09:30:00.000Z',
  lastReference: reference,
}
