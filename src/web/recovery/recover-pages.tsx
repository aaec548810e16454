/** Pages of account recovery: prove another method, check the email, wait, complete or cancel. */
import { ActionForm, Form, type FormTarget } from '../../pages/form.tsx'
import { type PageTenant, renderCard, safeHref } from '../../pages/layout.tsx'
import { Aside, LinkButton } from '../../pages/parts.tsx'
import { Time } from '../../pages/time.tsx'
import { type ConnectionButton, ConnectionButtons } from '../sign-in/pages/login-page.tsx'

interface RecoverPageProps {
  readonly tenant: PageTenant
  /** Such as "24 hours". */
  readonly delay: string
  readonly backHref: string
}

export interface ProveMethodProps extends RecoverPageProps {
  /** Sign-in methods that are not proven yet. */
  readonly methods: readonly ConnectionButton[]
}

export function proveMethodPage({ tenant, delay, methods, backHref }: ProveMethodProps): string {
  return renderCard({
    title: 'Recover your account',
    tenant,
    children: (
      <>
        <p>
          You can get back in without your second factor. It takes {delay}. Until then, all your email addresses can
          cancel it.
        </p>
        <p>
          <strong>First, sign in with another method that you use here.</strong> When you are asked for your second
          factor again, choose "I can't use any of these" once more.
        </p>
        <ConnectionButtons connections={methods} />
        <Aside href={backHref} label="Back" />
      </>
    ),
  })
}

export interface SendConfirmationProps extends RecoverPageProps {
  readonly form: FormTarget
}

export function sendConfirmationPage({ tenant, delay, form, backHref }: SendConfirmationProps): string {
  return renderCard({
    title: 'Recover your account',
    tenant,
    children: (
      <>
        <p>You can get back in without your second factor. It takes {delay}:</p>
        <p>First, we send a link to your email address. Open it to confirm.</p>
        <p>Then we tell all your confirmed email addresses. Each of them can cancel the recovery for {delay}.</p>
        <p>After that, a link in the email removes your second factors. You sign in and set up new ones.</p>
        <Form {...form}>
          <button type="submit">Send the link</button>
        </Form>
        <Aside href={backHref} label="Back" />
      </>
    ),
  })
}

export function recoveryUnavailablePage({ tenant, backHref }: Pick<RecoverPageProps, 'tenant' | 'backHref'>): string {
  const { supportUrl } = tenant
  return renderCard({
    title: 'Ask your administrator',
    tenant,
    children: (
      <>
        <p>
          Your account cannot be recovered here. An administrator of {tenant.name} can remove your second factors.
          {supportUrl !== undefined && (
            <>
              {' '}
              <a href={safeHref(supportUrl)}>Contact support</a>.
            </>
          )}
        </p>
        <Aside href={backHref} label="Back" />
      </>
    ),
  })
}

const resendSeconds = 60

interface CheckMailProps {
  readonly tenant: PageTenant
  readonly again: FormTarget
}

export function checkRecoveryMailPage({ tenant, again }: CheckMailProps): string {
  return renderCard({
    title: 'Check your email',
    tenant,
    children: (
      <>
        <p role="status">We sent a link to your email address. Open it within 30 minutes to confirm the recovery.</p>
        <p class="small">Nothing after a few minutes? Check your spam folder, then send it again.</p>
        <ActionForm label="Send again" object="the link" afterSeconds={resendSeconds} {...again} />
      </>
    ),
  })
}

interface AskProps {
  readonly tenant: PageTenant
  readonly form: FormTarget
}

export function startRecoveryPage({ tenant, form, delay }: AskProps & Pick<RecoverPageProps, 'delay'>): string {
  return renderCard({
    title: 'Start the recovery?',
    tenant,
    children: (
      <>
        <p>
          In {delay}, you can remove all second factors of your account at {tenant.name}. We tell all your confirmed
          email addresses now.
        </p>
        <Form {...form}>
          <button type="submit">Start the recovery</button>
        </Form>
        <p class="small">If you did not ask for this, close this page and change your password.</p>
      </>
    ),
  })
}

export interface PendingPageProps {
  readonly tenant: PageTenant
  readonly effectiveAt: Date
  readonly now: Date
  readonly signInHref: string
}

export function pendingPage({ tenant, effectiveAt, now, signInHref }: PendingPageProps): string {
  return renderCard({
    title: 'The recovery has started',
    tenant,
    children: (
      <>
        <p role="status">
          The link in our email works from <Time at={effectiveAt} now={now} />.
        </p>
        <p class="small">
          Each sign-in with a second factor, and each of your email addresses, can cancel it until then.
        </p>
        <Aside href={signInHref} label="Sign in" />
      </>
    ),
  })
}

export function completePage({ tenant, form }: AskProps): string {
  return renderCard({
    title: 'Remove your second factors?',
    tenant,
    children: (
      <>
        <p>
          All authenticator apps, passkeys and recovery codes of your account at {tenant.name} stop working, and all
          your sessions end. Then you sign in and set up new ones.
        </p>
        <Form {...form}>
          <button type="submit" class="danger">
            Remove them
          </button>
        </Form>
      </>
    ),
  })
}

export function cancelPage({ tenant, form }: AskProps): string {
  return renderCard({
    title: 'Cancel the recovery?',
    tenant,
    children: (
      <>
        <p>
          Someone asked to remove the second factors of your account at {tenant.name}. If it was not you, cancel it.
        </p>
        <Form {...form}>
          <button type="submit">Cancel the recovery</button>
        </Form>
      </>
    ),
  })
}

interface DoneProps {
  readonly tenant: PageTenant
  readonly outcome: 'completed' | 'canceled'
  readonly signInHref: string
}

export function recoveryDonePage({ tenant, outcome, signInHref }: DoneProps): string {
  const isCompleted = outcome === 'completed'
  return renderCard({
    title: isCompleted ? 'Your second factors are removed' : 'The recovery is canceled',
    tenant,
    children: (
      <>
        <p role="status">
          {isCompleted
            ? 'Sign in and set up a new second factor now.'
            : 'Your second factors have not changed. If someone else knows your password, choose a new one.'}
        </p>
        <LinkButton href={signInHref} label="Sign in" />
      </>
    ),
  })
}
