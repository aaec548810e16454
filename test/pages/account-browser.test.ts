/** The account site in Chromium. */
import { accountPages, mailedDeletionPage } from '../support/pages/account-samples.ts'
import { describeLooks } from '../support/pages/page-looks.ts'

describeLooks({
  samples: (long) => ({ ...accountPages(long), 'account-delete-mailed': mailedDeletionPage(long) }),
  form: 'account-methods',
})
