/** The pages of users for administrators, in Chromium. */
import { adminUserPages } from '../../support/pages/admin-users-samples.ts'
import { describeLooks } from '../../support/pages/page-looks.ts'

describeLooks({ samples: adminUserPages, form: 'admin-user-confirm' })
