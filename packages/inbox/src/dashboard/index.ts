export type { DashboardAccess, DashboardAuthorization, DashboardRole } from './access';
export type { AuditedAction, DashboardAudit } from './audit';
export { type Dashboard, type DashboardOptions, inboxDashboard } from './dashboard';
