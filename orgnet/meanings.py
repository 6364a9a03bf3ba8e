"""What the words of the vocabulary mean, each in a sentence, and the house's other terms. Imports the vocabulary only.

The dictionary, `orgnet describe` and docs/glossary.md are made from it; a test asks that no word is without a meaning.
"""

from enum import StrEnum

from orgnet import vocabulary as v

MEANINGS: dict[type[StrEnum], dict[str, str]] = {
    v.Layer: {
        "meetings": "People of the two organisations were at the same meetings, MDTs left out.",
        "mdt": "People of the two organisations were at the same multidisciplinary team meetings.",
        "referrals": "One organisation referred patients forward to the other.",
        "referrals_back": "One organisation referred patients back to the one that had referred them.",
        "joint_roles": "A post is held in both organisations at once, at the slice's end.",
        "convening": "One organisation convened governance meetings that people of the other came to.",
        "combined": "All layers but convening together: how many of them tie the two.",
    },
    v.Level: {
        "organisation": "Values of single organisations.",
        "pair": "Values of pairs of organisations.",
        "group": "Values of pairs of professional groups.",
        "network": "Values of the whole network.",
    },
    v.Status: {
        "ok": "There is a value.",
        "undefined": "There is no such value, as when a share is of nothing; `orgnet describe METRIC` says when.",
        "no_coverage": "Nothing was found, and the records are not known to be complete: no record is not zero.",
        "insufficient": "Too few people, organisations or events for a value, or a window that the period cuts short.",
        "nominal": "There is a value, from who was listed: when people joined and left is not recorded.",
        "suppressed": "There is a value that is not shown, as too few people are behind it.",
        "rounded": "There is a value, shown rounded.",
        "sampled": "There is a value, estimated from some organisations, as there are too many for all.",
    },
    v.NodeSet: {
        "roster": "Organisations that exist at the slice's end; where two windows are compared, at either end.",
        "constant_panel": "Only organisations (or people) that are there in every slice, or at both ends compared.",
    },
    v.Dimension: {
        "shared_goals_and_vision": "Whether partners want the same, and put patients first: goals, client.",
        "internalisation": "Whether partners know and trust each other: acquaint, trust.",
        "governance": "How working together is led and supported: centrality, leadership, innovation, connect.",
        "formalisation": "How rules and information are settled between partners: formal, infoex.",
    },
    v.EvidenceClass: {
        "direct": "Ties show the indicator: they give a level.",
        "direct_and_perceived": "Ties show the structure, people must say how it feels: ties give an interval.",
        "proxy": "Ties only hint at the indicator: they give a proxy level, never a level.",
        "survey_or_documents": "Ties say nothing of the indicator: it takes a survey, documents or coded evidence.",
    },
    v.Basis: {
        "ties": "The level rests on ties alone.",
        "survey": "The level rests on what people said in a survey.",
        "documents": "The level rests on documents and who endorsed them.",
        "coded": "The level rests on evidence that a researcher coded.",
        "combination": "The level rests on two kinds of evidence or more that agree or narrow each other.",
    },
    v.IndicatorStatus: {
        "assessed": "There is a level.",
        "interval": "There is a lowest and a highest level; people's word would say which.",
        "proxy_only": "There is only a stand-in measure's level, which is not the indicator's.",
        "insufficient_data": "There are records, but too few of them, or they are not known to be complete.",
        "not_assessed": "No record that was supplied can tell.",
        "suppressed": "There is a level that is not shown, as too few people are behind it.",
    },
    v.Trend: {
        "improved": "Better than before; of a comparison, by more than chance.",
        "unchanged": "The same level; of a measure, the whole interval lies within a tenth of the value before.",
        "worsened": "Worse than before; of a comparison, by more than chance.",
        "unclear": "None of these can be said: reasons tell why. It is not the same as no change.",
        "not_comparable": "The two do not mean the same, or one is missing: reasons tell which.",
    },
    v.Drawn: {
        "meetings": "The meetings of the window were drawn again.",
        "organisations": "The organisations were drawn again, with their people.",
    },
    v.ChangeMethod: {
        "difference": "After less before, and no interval, as no way to find one is known to be sound.",
        "levels_compared": "Two levels of an indicator, or two intervals, side by side.",
        "event_block_bootstrap": "The meetings of each series were drawn again, many times.",
        "vertex_bootstrap": "The organisations with their people were drawn again (Snijders & Borgatti 1999).",
        "group_label_permutation": "One group's change against another's: labels of the groups were dealt out again.",
        "block_permutation": "A series before and after: its blocks of months were put in other orders.",
        "interrupted_time_series_level": "The step of a series at the break (segmented regression).",
        "interrupted_time_series_slope": "The change of a series' slope at the break (segmented regression).",
        "change_point": "Where in a series the mean changed, found without being told when.",
    },
    v.TieChange: {
        "formed": "Tied after and not before.",
        "kept": "Tied before and after.",
        "dissolved": "Tied before and not after.",
    },
    v.SpellKind: {
        "joint_roles": "A post held in two organisations or more.",
        "lead_roles": "One person's lead of one body.",
        "leaders": "One person's lead in the network, of whatever body, with a right to decide.",
    },
    v.SpellBasis: {
        "any": "All spells, whatever they are known from and however far a lead reaches.",
        "recorded": "Joint roles that the records state as such.",
        "overlapping_posts": "Joint roles seen from one person's posts in two organisations at once.",
        "network": "Leads that reach over the network.",
        "organisation": "Leads within one organisation.",
    },
    v.ScopeType: {
        "network": "The row is about the whole network.",
        "group": "The row is about one professional group.",
        "organisation_kind": "The row is about specialist or about local organisations.",
        "organisation": "The row is about one organisation.",
        "pathway": "The row is about one clinical pathway.",
    },
    v.Mark: {
        "point": "A level: draw a point.",
        "band": "A lowest and a highest level: draw a bar between them.",
        "hollow": "Only a proxy level: draw an empty circle, joined to nothing.",
        "gap": "Nothing can be said: leave the axis open; it is not 0.",
    },
    v.Typology: {
        "collaboration": "The network by the levels of its ten indicators; a rule of thumb of orgnet's own.",
        "governance_form": "The network by who convenes its governance meetings.",
        "clinical_form": "The network by who convenes its specialist MDTs.",
    },
    v.Collaboration: {
        "active": "Eight of ten indicators at level 3 and none at level 1.",
        "developing": "Levels are known, and the network is neither active nor potential.",
        "potential": "Five indicators or more at level 1.",
        "not_classified": "Fewer than eight indicators have a level.",
    },
    v.Complete: {
        "true": "All that the source had is known to have come.",
        "false": "Some of it is known to be lacking.",
        "unknown": "Nobody says.",
    },
    v.Stratum: {
        "all": "Everybody's answers.",
        "organisation_role": "Answers from organisations of one role: specialist or local.",
        "professional_group": "Answers of one professional group.",
    },
    v.OrganisationKind: {
        "provider": "It treats patients.",
        "network_body": "It runs the network and treats nobody.",
        "commissioner": "It pays for services.",
        "university": "It teaches and does research.",
        "other": "None of these.",
    },
    v.OrganisationRole: {
        "specialist": "A centre to which services are brought together.",
        "local": "A provider that refers to the centres.",
        "core_agency": "The body that is meant to lead the network.",
        "none": "No part of its own.",
    },
    v.MeetingType: {
        "smdt": "A specialist multidisciplinary team meeting, of several organisations.",
        "local_mdt": "A multidisciplinary team meeting of one organisation.",
        "pathway_board": "The board of one clinical pathway.",
        "technical_group": "A group that settles technical matters.",
        "discipline_group": "A meeting of one profession from several organisations.",
        "working_group": "A group with one task, for a time.",
        "service_level": "A meeting about one service and how it runs.",
        "learning": "A learning event.",
        "board": "The board of the network.",
        "other": "None of these.",
    },
    v.MeetingStatus: {"held": "It took place.", "cancelled": "It did not take place."},
    v.AttendanceStatus: {
        "attended": "The person was there.",
        "apologies": "The person sent apologies; not attendance.",
        "invited": "The person was invited; not attendance.",
        "failed_to_join": "The person tried to dial in and could not; not attendance.",
    },
    v.AttendanceMode: {
        "in_person": "In the room.",
        "video": "By video.",
        "phone": "By telephone.",
    },
    v.MeetingMode: {
        "in_person": "Everybody in the room.",
        "remote": "Everybody by video or telephone.",
        "hybrid": "Some in the room and some not.",
    },
    v.Tier: {
        "senior": "Those who answer for a service.",
        "middle": "Those between.",
        "frontline": "Those who see patients, and answer for no service.",
    },
    v.CaseOutcome: {
        "discussed": "The meeting discussed it.",
        "deferred": "It was put off to a later meeting.",
        "protocolised": "It was dealt with by a protocol, without discussion.",
    },
    v.DeferralReason: {
        "missing_pathology": "Put off as pathology was not there.",
        "missing_imaging": "Put off as imaging was not there.",
        "missing_clinical": "Put off as clinical information was not there.",
        "clinician_absent": "Put off as who should speak to it was not there.",
        "no_time": "Put off for want of time.",
        "it_failure": "Put off as a computer or a line failed.",
        "other": "Put off for another reason.",
    },
    v.ReferralStatus: {
        "active": "Under way.",
        "on_hold": "Waiting.",
        "completed": "Done.",
        "revoked": "Taken back.",
    },
    v.ReferralDirection: {
        "forward": "To another organisation.",
        "refer_back": "Back to the one that had referred.",
    },
    v.LeadRole: {
        "chair": "Who chairs a body.",
        "pathway_director": "Who directs a clinical pathway.",
        "service_lead": "Who leads a service.",
        "clinical_lead": "Who leads clinically.",
        "cmo": "Chief medical officer.",
    },
    v.LeadScope: {
        "network": "It reaches over the network.",
        "organisation": "It reaches over one organisation.",
    },
    v.DocumentKind: {
        "guideline": "How to treat.",
        "pathway": "The way of a patient through services.",
        "protocol": "A procedure, step by step.",
        "tor": "Terms of reference of a body.",
        "mou": "Memorandum of understanding.",
        "dsa": "Data sharing agreement.",
        "job_plan": "What a post consists of.",
    },
    v.DocumentStatus: {
        "draft": "Not yet agreed.",
        "agreed": "Agreed by those who wrote it.",
        "ratified": "Formally accepted.",
        "reratified": "Accepted again, as it had been called into question.",
        "disputed": "Somebody objects.",
        "superseded": "Replaced by another; it no longer counts.",
    },
    v.LinkType: {
        "merger": "Organisations became one.",
        "demerger": "One organisation became several.",
        "name_change": "The same organisation under another name.",
        "transfer": "Functions moved, and both organisations go on.",
    },
    v.OrganisationBasis: {
        "as_recorded": "Each record counts for the organisation that it names.",
        "constant_successor": "Records count for what the organisation became.",
        "constant_predecessor": "Records count for what the organisation came from.",
    },
    v.LinkOutcome: {
        "followed": "Records of the one are stated as the other.",
        "by_rule": "A rule of the configuration decides.",
        "split_off": "The organisation goes on under a new name, and this part does not.",
        "ambiguous": "Several followed and no rule says which: it stands as itself.",
        "functions_only": "No organisation became another.",
        "undated": "No day is given.",
        "not_listed": "The successor is none of the records' organisations.",
    },
    v.SharingRule: {
        "number_of_people": "A number of people: withheld if it is small, or would give a small one away; else rounded.",
        "share_of_people": "A share of people: withheld if it is over a few, or one of its parts is a few; else of rounded numbers.",
        "over_people": "Another statistic over people, or what is made from one: withheld if it is over a few; else as it is.",
        "undeclared": "It is not known to be about organisations only: always withheld.",
    },
    v.Protection: {
        "withheld": "It is not shown: it is over few people, or would give such a value away.",
        "rounded": "It is shown rounded, as all numbers of people are in that copy.",
    },
    v.Reason: {
        "malformed_row": "The row has not as many fields as the file's first line, or is not readable.",
        "missing_key": "A field that every row needs is empty.",
        "malformed_key": "An identifier is not one: a word for nothing such as NULL, what a spreadsheet makes of an error, or too long.",
        "impossible_date": "There is no such day, or no such time on it.",
        "ambiguous_date": "The date can be read in two ways, day first or month first; or the clocks went back over the time.",
        "end_before_start": "It ends before it begins.",
        "not_in_vocabulary": "The word is none of those that the field may hold; `values` in the configuration maps it.",
        "impossible_number": "It is no number, or one that cannot be, such as minus three people.",
        "unknown_organisation": "The organisation is not in the records of organisations.",
        "unknown_person": "The person is not in the records of people.",
        "unknown_meeting": "The meeting is not in the records of meetings, or was put aside there.",
        "no_organisation": "The row names no organisation, and the person holds no post on that day.",
        "outside_period": "It lies wholly outside the network's period.",
        "duplicate": "The same row was there before.",
        "conflicting_duplicate": "Other rows have the same key and say something else; none of them is used.",
    },
}
"""By vocabulary and word."""

GROUPS = {
    "surgeon": "Surgeons.",
    "nurse": "Nurses, clinical nurse specialists among them.",
    "radiologist": "Radiologists.",
    "oncologist": "Oncologists.",
    "ahp": "Allied health professionals: physiotherapists, dietitians, radiographers and others.",
    "pathologist": "Pathologists.",
    "manager": "Managers.",
    "network_staff": "Staff of the network body.",
    "navigator": "Patient navigators: who see patients through the pathway, and MDT coordinators.",
    "physician": "Physicians other than oncologists.",
    "gp": "General practitioners.",
    "commissioner": "Staff of those who pay for services.",
    "patient_rep": "Patients' representatives.",
    "other": "Any other, and those whose group is not known.",
}
"""Professional groups, unless a network declares its own."""

SERIES = {
    "governance_meetings_held": "Governance meetings that took place in the step.",
    "learning_events_held": "Learning events that took place in the step.",
    "referrals_made": "Referrals made in the step.",
}
"""What is counted step by step in `activity` and is no metric of a window."""

EVIDENCE = {
    "p_l1": "Share of the resamples of the meetings that put the indicator at level 1.",
    "p_l2": "Share of the resamples of the meetings that put the indicator at level 2.",
    "p_l3": "Share of the resamples of the meetings that put the indicator at level 3.",
}
"""What stands among the evidence of a level and is no measure that a rule looks at."""

FORMS = {
    "shared": "Many convene: nobody more than a third of the meetings, and convening is spread.",
    "lead_organisation": "A provider convenes at least half of the meetings.",
    "network_body": "A network body convenes at least half of the meetings.",
    "hybrid": "None of the other forms.",
}
"""Forms of governance, as `type` of `typologies` has them (after Provan & Kenis 2008)."""

OTHERS = {
    "item": {
        "all_items": "All items of the instrument together.",
        "interpersonal": "The first four of the ten items together: goals, client, acquaint, trust.",
        "organisational": "The other six of the ten items together.",
    },
    "stratum": {"all": "Everybody's answers."},
    "entity": {
        "constant_panel": "Only people, or organisations, who were there both times.",
        "matched_panel": "Only organisations whose records are whole on both sides.",
    },
    "varied": {
        "threshold": "A threshold of a rule was set a quarter lower, or higher.",
        "window": "The windows were made shorter, or longer.",
        "acquainted_after": "The contacts that it takes to be acquainted.",
        "min_overlap_minutes": "The minutes that two people must be at a meeting together to have met.",
        "projection": "How meetings are made into ties (`ties.projection`).",
        "missing_meetings": "A share of the meetings was left out, 200 times.",
        "missing_people": "A share of the people was left out, 200 times.",
    },
    "link_type": {"successor": "Only the organisation's row names who followed, or the record says no type."},
}
"""Words that columns may hold beside those of a vocabulary."""

TERMS = {
    "acquaintance": "Two people who met at two meetings or more within the window (`ties.acquainted_after`).",
    "beside": "A measure shown with an indicator that decides nothing about its level.",
    "borderline": "Of a level: fewer than 80 % of the resamples of the meetings give it, so few meetings decide.",
    "copy_for_sharing": "A run's tables with small numbers of people withheld, by `orgnet publish`: `docs/sharing.md`.",
    "core_member": "Somebody whom a series of MDT meetings lists in a core role within the window.",
    "discordant": "Of evidence: ties and people (or documents) give levels that have none in common; both are told.",
    "event": "A meeting, case, referral or role record that a tie or a value rests on.",
    "feed": "What one source delivers, such as one trust's attendance.",
    "governance_meeting": "A meeting of type pathway_board, technical_group, working_group, learning or board.",
    "indicator": "One of D'Amour's ten: what a network's collaboration is read by.",
    "kiviat_diagram": "Ten axes, one per indicator, drawn without area: `docs/reading_indicators.md`.",
    "long_table": "A table with a row for every value; a new metric adds rows, never columns.",
    "mdt_meeting": "A multidisciplinary team meeting: a meeting of type smdt or local_mdt.",
    "phase": "A named part of the period, such as pre and post, that comparisons are made between.",
    "opportunity": "A meeting that brought people of a group together from a good share of the providers.",
    "peer": "Somebody of the same professional group in another organisation.",
    "period": "The days that a network's records are read for; its end is the first day after.",
    "panel": "Only those who are there both times; people who came or left are then not taken for change.",
    "proxy": "A stand-in: a measure that goes with an indicator and does not show it. Never a level.",
    "rollup": "A network's level from its groups': the highest that two thirds of the groups attain.",
    "run": "One reading of all records and what was published of it, by its run id.",
    "scope": "What an indicator's row is about: the network, a group, a pathway, an organisation.",
    "snapshot": "What one run published: complete or not there at all, and never changed.",
    "spell": "From one day to another: a post, a joint role, a lead.",
    "standing": "Of a venue: a series of meetings that goes on through the window, not one for a single matter.",
    "step": "A part of the period in `activity`, a month unless told otherwise; nothing looks back over it.",
    "met": "Two people were at a meeting together for 15 minutes or more (`ties.min_overlap_minutes`).",
    "tie": "A connection of two organisations in one layer, within a window.",
    "venue": "A series of meetings at which people of a group meet people of other organisations.",
    "wide_view": "A long table with a column per metric or indicator: NAME_wide.",
    "window": "The days that a slice's values look back over; it ends with the slice.",
}
"""Words of the field and of orgnet that are no column, metric or word of a vocabulary."""
