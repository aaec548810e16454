/** The pages of apps for administrators, in Chromium. */
import { adminAppPages } from '../../support/pages/admin-apps-samples.ts'
import { describeLooks } from '../../support/pages/page-looks.ts'

describeLooks({ samples: adminAppPages, form: 'admin-apps' })
