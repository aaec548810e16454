/** An app wants someone signed out, and could not prove that they wish it: they are asked. */

import { Form, type FormTarget } from '../../pages/form.tsx'
import { type PageTenant, renderCard } from '../../pages/layout.tsx'
import { Answers } from '../../pages/parts.tsx'

export interface SignOutPageProps {
  readonly tenant: PageTenant
  readonly person: string
  /** The app that asks, if it is known. */
  readonly app?: string | undefined
  readonly form: FormTarget
}

export function signOutPage({ tenant, person, app, form }: SignOutPageProps): string {
  return renderCard({
    title: 'Sign out?',
    tenant,
    children: (
      <>
        <p>
          You are signed in at {tenant.name} as <strong>{person}</strong>. This also signs you out of every app that you
          use with it{app !== undefined && <>, {app} included</>}.
        </p>
        <Form {...form}>
          <Answers yes="Sign out" no="Stay signed in" />
        </Form>
      </>
    ),
  })
}
