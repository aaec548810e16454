/**
 * The step before something of the account is changed that the user should not change by accident.
 */
import { ConfirmCard, type ConfirmCardProps } from '../../pages/confirm-card.tsx'
import { type AccountLayoutProps, accountLayout } from './account-layout.tsx'

export interface ConfirmPageProps extends ConfirmCardProps, Pick<AccountLayoutProps, 'section' | 'viewer' | 'styles'> {
  /** A question, such as `Remove Google?`. */
  readonly title: string
}

export function confirmPage({ section, viewer, styles, title, ...card }: ConfirmPageProps): string {
  return accountLayout({
    ...{ section, viewer, styles, title },
    failed: card.error !== undefined,
    children: <ConfirmCard {...card} />,
  })
}
