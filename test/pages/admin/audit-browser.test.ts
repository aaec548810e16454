/** The audit page in Chromium. */
import { auditPages } from '../../support/pages/audit-samples.ts'
import { describeLooks } from '../../support/pages/page-looks.ts'

describeLooks({ samples: auditPages, form: 'audit-tenant' })
