/** An app wants someone signed out, and could not prove that they wish it: they are asked. */
import { Form, type FormTarget } from '../../pages/form.tsx'
import { type PageTenant, renderCard } from '../../pages/layout.tsx'

export interface SignOutPageProps {
  readonly tenant: PageTenant
  readonly person: string
  /** Who asks, where that is known. */
  readonly app?: string | undefined
  readonly form: FormTarget
}

export function signOutPage({ tenant, person, app, form }: SignOutPageProps): string {
  return renderCard({
    ...{ title: 'Sign out?', tenant },
    children: (
      <>
        <p>
          You are signed in at {tenant.name} as <strong>{person}</strong>. This also signs you out of every app that you
          use with it{app !== undefined && <>, {app} included</>}.
        </p>
        <Form {...form}>
          <div class="answers">
            <button type="submit" name="answer" value="yes">
              Sign out
            </button>
            <button type="submit" name="answer" value="no" class="quiet">
              Stay signed in
            </button>
          </div>
        </Form>
      </>
    ),
  })
}
