/** `/account/undo`: asks before a change of factors is undone, and says that it is. */
import { Form, type FormTarget } from '../../pages/form.tsx'
import { type PageTenant, renderCard } from '../../pages/layout.tsx'
import { Aside, LinkButton } from '../../pages/parts.tsx'
import { Time } from '../../pages/time.tsx'
import { capitalized } from '../../primitives/capitalized.ts'

export interface UndoPageProps {
  readonly tenant: PageTenant
  /** Such as `“Phone” will be removed`. */
  readonly effect: string
  /** When the change was made. */
  readonly changedAt: Date
  readonly now: Date
  readonly form: FormTarget
}

export function undoPage({ tenant, effect, changedAt, now, form }: UndoPageProps): string {
  return renderCard({
    title: 'Undo this change?',
    tenant,
    children: (
      <>
        <p>
          Your second factors at {tenant.name} changed <Time at={changedAt} now={now} />. If this was not you, undo it.
        </p>
        <p>If you undo it:</p>
        <ul class="limits">
          <li>{effect}</li>
          <li>all your sessions will end, and no browser will be remembered</li>
          <li>sign-in methods, passkeys and API tokens added since then will be suspended until you confirm them</li>
          <li>client secrets created since then will be revoked</li>
        </ul>
        <p>Then sign in again.</p>
        <Form {...form}>
          <button type="submit">Undo the change</button>
        </Form>
        <p class="small">If it was you, close this page. Nothing will change.</p>
      </>
    ),
  })
}

export interface UndonePageProps extends Pick<UndoPageProps, 'tenant' | 'effect'> {
  readonly signInHref: string
  /** Undefined where the tenant has no passwords. */
  readonly resetHref?: string | undefined
}

export function undonePage({ tenant, effect, signInHref, resetHref }: UndonePageProps): string {
  return renderCard({
    title: 'The change was undone',
    tenant,
    children: (
      <>
        <p role="status">{capitalized(effect)}. All your sessions have ended.</p>
        <p>Sign in again and check your second factors. If someone else knows your password, choose a new one.</p>
        <LinkButton href={signInHref} label="Sign in" />
        {resetHref !== undefined && <Aside href={resetHref} label="Choose a new password" />}
      </>
    ),
  })
}
