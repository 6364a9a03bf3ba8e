"""Measures that rules may look at and that are no metrics of ties: what surveys and documents are read by."""

SURVEY_MEASURES = {
    "survey_mean": "mean of the organisations' mean answers, on the scale from 1 to 5",
    "survey_gap": "difference between the mean of specialist organisations and that of local ones, without its sign",
    "survey_agreement": "share of answers of 4 or more",
}
DOCUMENT_MEASURES = {
    "documents_current": "current documents",
    "document_endorsement": "mean over current documents of the share of organisations in scope that endorsed it",
    "document_joint_share": "share of current documents to which at least half of those in scope contributed",
    "document_unsettled_share": "share of current documents that are drafts or disputed",
    "document_disputed_share": "share of current documents that are disputed",
    "document_reratified_share": "share of current documents that had to be ratified again",
}
