import type * as operations from './operations';

/** The result of each operation. */
export interface Results {
  readonly Webhook: operations.WebhookQuery;
  readonly Webhooks: operations.WebhooksQuery;
  readonly CreateWebhook: operations.CreateWebhookMutation;
  readonly UpdateWebhook: operations.UpdateWebhookMutation;
  readonly DeleteWebhook: operations.DeleteWebhookMutation;
  readonly CurrentUser: operations.CurrentUserQuery;
  readonly Membership: operations.MembershipQuery;
  readonly Workspaces: operations.WorkspacesQuery;
  readonly WorkspacesC: operations.WorkspacesCQuery;
  readonly RecordsA: operations.RecordsAQuery;
  readonly RecordsB: operations.RecordsBQuery;
  readonly RecordsC: operations.RecordsCQuery;
  readonly ListsWithRecords: operations.ListsWithRecordsQuery;
  readonly ListRecords: operations.ListRecordsQuery;
  readonly Lists: operations.ListsQuery;
  readonly ListsC: operations.ListsCQuery;
  readonly Tags: operations.TagsQuery;
  readonly CustomFields: operations.CustomFieldsQuery;
  readonly Comments: operations.CommentsQuery;
  readonly CommentThreads: operations.CommentThreadsQuery;
  readonly Activity: operations.ActivityQuery;
  readonly LatestActivity: operations.LatestActivityQuery;
  readonly History: operations.HistoryQuery;
  readonly Introspection: operations.IntrospectionQuery;
  readonly TrialA: operations.TrialAQuery;
  readonly TrialB: operations.TrialBQuery;
  readonly TrialC: operations.TrialCQuery;
}

/** The variables of each operation. */
export interface Variables {
  readonly Webhook: operations.WebhookQueryVariables;
  readonly Webhooks: operations.WebhooksQueryVariables;
  readonly CreateWebhook: operations.CreateWebhookMutationVariables;
  readonly UpdateWebhook: operations.UpdateWebhookMutationVariables;
  readonly DeleteWebhook: operations.DeleteWebhookMutationVariables;
  readonly CurrentUser: operations.CurrentUserQueryVariables;
  readonly Membership: operations.MembershipQueryVariables;
  readonly Workspaces: operations.WorkspacesQueryVariables;
  readonly WorkspacesC: operations.WorkspacesCQueryVariables;
  readonly RecordsA: operations.RecordsAQueryVariables;
  readonly RecordsB: operations.RecordsBQueryVariables;
  readonly RecordsC: operations.RecordsCQueryVariables;
  readonly ListsWithRecords: operations.ListsWithRecordsQueryVariables;
  readonly ListRecords: operations.ListRecordsQueryVariables;
  readonly Lists: operations.ListsQueryVariables;
  readonly ListsC: operations.ListsCQueryVariables;
  readonly Tags: operations.TagsQueryVariables;
  readonly CustomFields: operations.CustomFieldsQueryVariables;
  readonly Comments: operations.CommentsQueryVariables;
  readonly CommentThreads: operations.CommentThreadsQueryVariables;
  readonly Activity: operations.ActivityQueryVariables;
  readonly LatestActivity: operations.LatestActivityQueryVariables;
  readonly History: operations.HistoryQueryVariables;
  readonly Introspection: operations.IntrospectionQueryVariables;
  readonly TrialA: operations.TrialAQueryVariables;
  readonly TrialB: operations.TrialBQueryVariables;
  readonly TrialC: operations.TrialCQueryVariables;
}
