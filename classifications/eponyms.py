"""Words that stand behind a name which is not somebody's: diseases, theorems, devices, sorts, wares."""

from __future__ import annotations

import regex

# What physicians, scientists and cooks called after somebody, with "'s" or without.
_EPONYM = (
    r"(?:['’]s?)?[ \t](?:disease|syndrome|thyroiditis|tremor|palsy|chorea|ataxia|ana?emia|lymphoma"
    r"|sarcoma|tumou?r|o?esophagus|fracture|dementia|phenomenon|signs?|score|scale|reflex(?:es)?|bodies|breathing|antibod(?:y|ies)|test|stain"
    r"|staining|criteria|classification|grade|grading|staging|study|ultrasound|catheter|drain|forceps"
    r"|cannula|man(?:oeuvre|euver)s?|reconstruction|resection|incision|triangle|contractures?|nodes?|spots"
    r"|lines|units?|conjecture|theorem|lemma|condensation|algorithm|distribution|transform|equations?"
    r"|effect|laws?|protein|virus|igg|tenosynovitis|principle|paradox|constant|coefficient|correlation"
    r"|inequality|polynomials?|matrix|filter|heap|hashing|coding|diagram|cycle|modulus|wrench"
    r"|screwdriver|salad|sponge|sauce|cakes?|tart|cheese|tea|dressing|terrier|spaniel|setter|period"
    r"|buffer|reagent|titration|flask|funnel|burner|agar|synthesis|normal[ \t]form|decomposition"
    r"|factori[sz]ation|integral|(?:fisher['’]s[ \t])?exact[ \t]test|post[ -]hoc|kappa|alpha|hsd"
    r"|normali[sz]ation|standard[ \t]errors|lactate|information[ \t]criterion)\b"
)
# The same without "'s", behind which these are somebody's: "Granny Smith apples", "Anna's apples".
_SORT = (
    r"[ \t](?:models?|method|plots?|curves?|correction|ratio|z-score|diagnostics|solution|position"
    r"|scores|addition|reaction|reduction|olefination|process|series|operators?|dish(?:es)?|suction"
    r"|apples?|pears?|plums?|potato(?:es)?|tomato(?:es)?|tweed|linen|beams?|truss|valves?|pumps?"
    r"|engines?|motors?|gearbox|bearings?|blue|green|black|white|gr[ea]y|red|pink|yellow|beige|cream"
    r"|navy|ivory|servers?|clusters?|pipelines?|instances?|containers?|dashboards?|plugins?|regression"
    r"|residuals|priors?|stress|buckling|sensors?|vessels?|condenser|counter|diode|pair"
    r"|\p{Ll}+[ \t](?:tests?|distribution|coefficient|criterion|diagnostics))\b"
)
# What is sold under somebody's name; behind "'s" it would be somebody's own.
_WARE = (
    r"[ \t](?:(?:floor|table|desk|side|dining|coffee|pendant|wall|corner|leather|denim|cotton|linen|wool"
    r"|silk|velvet|rain|running|ankle|wrap|maxi|midi|tote|bath|tea|beach)[ \t])?(?:coat|jacket|parka"
    r"|hoodie|shirt|t-shirt|blouse|jeans|trousers|skirt|gown|dress|suit|scarf|hat|cap|sneakers|trainers"
    r"|shoes|boots|sandals|handbag|backpack|wallet|perfume|cologne|sunglasses|lamp|sofa|couch|chair"
    r"|armchair|stool|desk|shelf|bookcase|wardrobe|mattress|rug|vase|mug|bowl|bag|towel|cushion|blind"
    r"|curtain|tile|table|bench|puzzle|tote|guitar|piano|violin|amplifier|whisk(?:e)?y|bourbon|gin|vodka"
    r"|rum|lager|ale|tyres|tires|truck|van|sedan|hatchback|suv)s?\b"
)
_DOSE = r"[ \t]\d+(?:[./]\d+)?[ \t]?(?:mg|mcg|µg|ml|iu|units?|[bt]id|qd)\b"
BEHIND = regex.compile(rf"(?i:{_EPONYM}|{_SORT}|{_WARE}|{_DOSE}|[ \t]to[ \t]?:)")
"""What makes a thing of the name before it: `Murphy sign`, `Granny Smith apples`, `Sinemet 25/100`."""
BEHIND_BOTH = regex.compile(rf"[ ](?:and|or)[ ]\p{{Lu}}[\p{{L}}'’-]+(?i:{_EPONYM}|{_SORT})")
"""The same behind two names: `Moro and Babinski reflexes`."""
# What anybody can have, bake or write: "Anna's test" is Anna's, "Murphy's sign" is not Murphy's.
OWNED = regex.compile(
    r"(?i:['’]s?[ \t](?:test|study|score|grade|period|cycle|cakes?|tea|salad|sauce|sponge|tart|cheese"
    r"|dressing"
    r"|lines|spots|signs|units?|filter|diagram|coding|correction))\b"
)
# Names that stand for a disease, a sign, a device or a method also without a word for it.
EPONYMS = frozenset(
    (
        "akaike|alzheimer|anderson-darling|apgar|babinski|bayes|behçet|bence jones|bernoulli|black-scholes"
        "|bland-altman|bloody mary|bonferroni|box-cox|box-jenkins|breusch-pagan|brudzinski|caro-kann"
        "|cauchy-schwarz|cochran-mantel-haenszel|cohen-sutherland|cox-snell|cramér-rao|crohn|cronbach"
        "|darcy-weisbach|dickey-fuller|doppler|durbin-watson|earl grey|epstein-barr|euler|fermi|foley"
        "|fourier|gauss|gauss-newton|gauss-seidel|gaussian|gelman-rubin|giemsa|gleason|greenhouse-geisser"
        "|heimlich|hodgkin|hodrick-prescott|hoehn|holter|hosmer-lemeshow|huber-white|huntington|jaccard"
        "|kaplan-meier|kernig|kolmogorov|kolmogorov-smirnov|kruskal-wallis|kullback-leibler|laplace|lasègue"
        "|levenberg-marquardt|levenshtein|likert|mann-whitney|mantel-cox|mantel-haenszel|mantoux|markov"
        "|mcburney|metropolis-hastings|michaelis-menten|mona lisa|monte carlo|navier-stokes|nelder-mead"
        "|newton-raphson|neyman-pearson|pareto|parkinson|petri|poisson|raynaud|rinne|romberg|runge-kutta"
        "|schottky|shapiro-wilk|smith-waterman|spearman|tom collins|tourette|trendelenburg|tukey|von mises"
        "|waldorf|weibull|whipple|yahr|ziehl-neelsen"
    ).split("|")
)
