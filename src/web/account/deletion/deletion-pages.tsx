/** The pages on which users delete their account, and change their mind. */
import { Form } from '../../../pages/form.tsx'
import { type PageTenant, renderCard, safeHref } from '../../../pages/layout.tsx'
import { Aside, LinkButton } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { confirmPage } from '../confirm-page.tsx'
import { deletionPath, keepPath } from './paths.ts'

const back = { href: '/account', label: 'Profile' }

interface DeletePageProps {
  readonly viewer: AccountViewer
  /** Days of the waiting period. */
  readonly days: number
  readonly signInAgainHref?: string | undefined
}

export function deleteAccountPage({ viewer, days, signInAgainHref }: DeletePageProps): string {
  const period = days === 1 ? '1 day' : `${days} days`
  return confirmPage({
    section: 'profile',
    viewer,
    title: 'Delete your account?',
    label: `Delete my account in ${period}`,
    danger: true,
    action: deletionPath,
    cancelHref: '/account',
    signInAgainHref,
    children: (
      <>
        <p>
          Your profile, sign-in methods, sessions, API tokens, second factors and the access of apps are deleted. Apps
          that you used keep their own data about you.
        </p>
        <p>
          Nothing happens for {period}. Until then you can keep your account: by the link that we email you, or on the
          page that follows a sign-in. Afterwards it cannot be undone.
        </p>
      </>
    ),
  })
}

export interface OwnedApp {
  readonly id: string
  readonly name: string
}

/** Users who own apps cannot delete their account yet. */
export function ownsAppsPage({ viewer, apps }: { readonly viewer: AccountViewer; readonly apps: readonly OwnedApp[] }) {
  return accountLayout({
    section: 'profile',
    viewer,
    back,
    title: 'You still own apps',
    children: (
      <section class="card">
        <p>Delete these apps first. Then you can delete your account.</p>
        <ul class="sessions">
          {apps.map(({ id, name }) => (
            <li key={id}>
              <div>
                <a href={safeHref(`/developer/apps/${encodeURIComponent(id)}`)}>{name}</a>
                <p class="small">
                  <code>{id}</code>
                </p>
              </div>
            </li>
          ))}
        </ul>
      </section>
    ),
  })
}

export function deletionOffPage({ viewer }: { readonly viewer: AccountViewer }): string {
  return accountLayout({
    section: 'profile',
    viewer,
    back,
    title: 'Delete your account',
    children: (
      <section class="card">
        <p>{viewer.tenant.name} manages its accounts itself. Ask its administrator to delete yours.</p>
      </section>
    ),
  })
}

interface PendingPageProps {
  readonly viewer: AccountViewer
  readonly dueAt: Date
  /** Destination of the sign-in; absent on the account's own page. */
  readonly continueHref?: string | undefined
  readonly notice?: string | undefined
}

export function pendingDeletionPage({ viewer, dueAt, continueHref, notice }: PendingPageProps): string {
  return accountLayout({
    section: 'profile',
    viewer,
    notice,
    title: 'Your account will be deleted',
    children: (
      <section class="card">
        <p>
          It is deleted on <Time at={dueAt} />, as you asked. Until then you can keep it.
        </p>
        <Form action={keepPath}>
          <button type="submit">Keep my account</button>
        </Form>
        {continueHref !== undefined && <LinkButton href={continueHref} label="Continue for now" quiet />}
      </section>
    ),
  })
}

interface MailedPageProps {
  readonly tenant: PageTenant
  readonly dueAt: Date
  readonly action: string
  readonly code: string
}

/** Behind the emailed link: opening it alone changes nothing, since email scanners open links. */
export function mailedCancelPage({ tenant, dueAt, action, code }: MailedPageProps): string {
  return renderCard({
    title: 'Keep your account?',
    tenant,
    children: (
      <>
        <p>
          Your account at {tenant.name} is to be deleted on <Time at={dueAt} />.
        </p>
        <Form action={action} hidden={{ code }}>
          <button type="submit">Keep my account</button>
        </Form>
        <Aside href="/login" label="Go to the sign-in page" />
      </>
    ),
  })
}
