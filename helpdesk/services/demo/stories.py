"""What people write to the demo's desks, and what they are answered. Words in braces are filled in per ticket.

Variants of equal number within a story belong together: the second title goes with the second opening and answer.

A line of a story is (who, variants). Who: `ask` the agent wants to know something and waits, `say` the agent answers,
`customer` they answer, `note` the agent's note, `peer` a colleague's note, `fix` the agent's solution.
"""

from dataclasses import dataclass

Line = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Story:
    """A problem people have, in the variants they tell it in."""

    category: str
    titles: tuple[str, ...]
    openings: tuple[str, ...]
    lines: tuple[Line, ...]
    tags: tuple[str, ...] = ()
    weights: tuple[int, int, int, int] = (2, 6, 2, 0)  # low, medium, high, urgent


GREETINGS = ("Hi,", "Hello,", "Hi team,", "Good morning,", "Hello there,", "", "")
SIGN_OFFS = (
    "Thanks\n{first}",
    "Best regards\n{name}",
    "Thank you!\n{first}",
    "Regards\n{first}",
    "",
    "Cheers, {first}",
)
ANSWERS = ("Hi {first},", "Hello {first},", "Hi {first}, thanks for getting in touch.", "Good day {first},")
CLOSINGS = ("Best regards\n{agent}", "Kind regards\n{agent}", "All the best\n{agent}", "{agent}", "Regards, {agent}")
THANKS = (
    "That did it, thank you so much!",
    "Works again. Thanks for the quick help!",
    "Perfect, thanks {agent}.",
    "Just tried it and everything is back to normal. Thank you!",
    "Great, that solved it. You can close this one.",
    "Yes, works now. Have a nice day!",
    "Brilliant, thank you. I would never have found that myself.",
    "Confirmed, all good on my side.",
)
CHECKS = (
    "Could you try once more and tell me whether it works now?",
    "Please have a look and let me know if anything is still odd.",
    "Can you check on your side and confirm?",
    "Would you give it another try, please?",
)
WAITING = (
    "Any news on this?",
    "Just checking in, is somebody looking at this?",
    "Hello, could I get an update please? {boss} is asking.",
)
RELAPSES = (
    "Sorry, I spoke too soon. It happened again this morning, exactly the same as before.",
    "Unfortunately the problem is back since about {time}. Could you have another look?",
    "It worked for a day and now it does not any more. Same message as in my first report.",
)
RELAPSE_NOTES = ("Back again, so my first fix only hid it. Looking at the logs on our side this time.",)
RELAPSE_FIXES = (
    "I am sorry about the second round. The first change had been overwritten by a nightly job; I have now corrected it at the source and watched one run of that job. It should stay fixed.",
    "Thank you for coming back to us. I found a second cause and removed that too. I will keep an eye on it until tomorrow evening.",
)
PRAISE = (
    "Very friendly and fast.",
    "{agent} explained everything so that even I understood it. Thank you!",
    "Solved within the hour, great.",
    "",
    "",
    "",
    "Quick, kind, competent.",
    "Good help as always.",
)
MEH = (
    "Solved in the end, but I had to ask twice.",
    "Took a while.",
    "",
    "Fine, though I had hoped for an answer on the same day.",
)
ANGER = (
    "Two days without e-mail is not acceptable for us.",
    "I had to explain the same thing three times.",
    "The answer came after I had solved it myself.",
)

ACME: tuple[Story, ...] = (
    Story(
        "Accounts & sign-in",
        (
            "Cannot sign in after password change",
            "Locked out of my account",
            "Password expired, now nothing works",
            "Account locked again",
        ),
        (
            "I changed my password this morning as the reminder told me to, and since then I cannot sign in to my laptop. It says the account is locked. I have a customer call at {time}, so this is a bit pressing.",
            "My account is locked. I typed the new password on my phone first and probably got it wrong a few times.\n\nCan you unlock it please? I am in the {site} office today, extension {ext}.",
            "Since {day} I get *“the user name or password is incorrect”* although I am very sure that I type it right. My colleague {colleague} can sign in on the same machine.",
        ),
        (
            (
                "note",
                (
                    "Lock-outs come from {device}: an old password saved in the mail app of the phone. Seen the same with {colleague} last week.",
                    "12 failed tries from the phone since {time}, none from the laptop.",
                ),
            ),
            (
                "fix",
                (
                    "I have unlocked your account. The culprit is your phone: it still tries the old password and locks you out again after a few minutes.\n\n1. Open **Settings > Mail** on the phone\n2. Choose your work account and *Re-enter password*\n3. Type the new password\n\nAfter that you can sign in on the laptop as usual.",
                    "Your account is unlocked again. Please update the password in the mail app on your phone before anything else, otherwise it will lock you out once more within minutes.",
                ),
            ),
        ),
        ("password",),
        (2, 6, 4, 1),
    ),
    Story(
        "Accounts & sign-in",
        ("New phone, authenticator is gone", "Lost my second factor", "MFA codes no longer accepted"),
        (
            "I got a new phone and did not think of the authenticator app. Now I cannot approve any sign-in. What do I have to do?",
            "The six-digit codes are not accepted any more since I reset my phone. I am working from home until {day}.",
        ),
        (
            (
                "ask",
                (
                    "No problem, this happens with every new phone. Before I reset it I have to make sure it is really you: may I call you on the number we have on file, ending in {ext}? Tell me when it suits you.",
                    "I can reset that for you. For your safety I need to verify you first. Please tell me a time today when I can reach you by phone.",
                ),
            ),
            ("customer", ("Sure, call me any time before {time}.", "Yes please, I am at my desk until noon.")),
            ("note", ("Verified by phone, asked for manager's name and start date. Reset the second factor.",)),
            (
                "fix",
                (
                    "Thanks for the quick call. The old device is removed. At your next sign-in you will be shown a QR code:\n\n- open the authenticator on the **new** phone\n- tap *Add account* and scan the code\n- keep the recovery codes somewhere that is not your phone",
                ),
            ),
        ),
        ("mfa", "password"),
        (1, 6, 3, 0),
    ),
    Story(
        "Accounts & sign-in",
        ("Access to the {app} for {colleague}", "Permission missing in {app}"),
        (
            "{colleague} is taking over my accounts from {day} and needs the same rights as me in the {app}. {boss} has agreed.",
            "Could you please give me write access to the {app}? At the moment I can open everything but saving ends with “insufficient privileges”.",
        ),
        (
            (
                "ask",
                (
                    "Happy to. For this application I need a short approval from the owner of the data, which is {boss}. Could you have them answer this message, or forward their okay?",
                ),
            ),
            (
                "customer",
                (
                    "Here it is:\n\n> Fine with me, please set it up. {boss}",
                    "{boss} has just confirmed by mail, forwarded to you. Thanks!",
                ),
            ),
            (
                "fix",
                (
                    "Approval received, access granted. It becomes active with the next sign-in, so please sign out of the {app} once and in again.",
                ),
            ),
        ),
        ("access",),
        (4, 6, 1, 0),
    ),
    Story(
        "E-mail & calendar",
        ("Outgoing mail stuck in the outbox", "E-mail to {partner} bounces"),
        (
            "Since about {time} my messages stay in the outbox. Receiving works. I tried restarting twice.",
            "Everything I send to {partner} comes back with **550 5.7.26 unauthenticated sender**. To other people it works. We have an offer out there that ends on {day}, please help.",
        ),
        (
            (
                "ask",
                (
                    "Thank you for the details. Is there a message with a large attachment at the top of the outbox, and roughly how large is it?",
                    "Could you attach one of the bounce messages with full headers, please?",
                ),
            ),
            (
                "customer",
                (
                    "Indeed, there is one with a {n}0 MB video on top. I had forgotten about it.",
                    "Attached. It is always the same text.",
                ),
            ),
            (
                "peer",
                (
                    "If it is the 550: their new filter rejects us because the DKIM key rotated on {day}. DNS change is prepared, ask {colleague}.",
                ),
            ),
            (
                "fix",
                (
                    "Found it: the large message blocked everything behind it. I moved it to your drafts, and the other {n} messages have left. For files above 25 MB please send a link from the file share instead.",
                    "The receiving side had tightened its checks and one of our signatures was out of date. The record is corrected since {time}; the messages that bounced need to be sent again, sorry about that.",
                ),
            ),
        ),
        ("mail",),
        (1, 5, 5, 1),
    ),
    Story(
        "E-mail & calendar",
        ("Shared mailbox {box} does not show up", "Calendar of {colleague} shows only busy"),
        (
            "I was added to the shared mailbox **{box}** on {day} but it does not appear in my mail program.",
            "In {colleague}'s calendar I only see *busy* and no titles. I plan the team's visits, so I need the details. {colleague} says it is shared with me.",
        ),
        (
            (
                "fix",
                (
                    "The membership was there, only the automatic mapping was missing. I have set it; it takes up to an hour, or immediately after a restart of the mail program.",
                    "I have set the sharing to *Full details* for you, with {colleague}'s consent. Close the calendar once and open it again.",
                ),
            ),
        ),
        ("mail",),
        (5, 5, 0, 0),
    ),
    Story(
        "E-mail & calendar",
        ("Strange message from {boss}", "Suspicious mail about an unpaid invoice"),
        (
            "I received a mail that claims to be from {boss} and asks me to buy gift cards. The address looks odd. I have not answered or clicked anything.",
            "There is a message about an unpaid invoice {invoice} with a link to “view document”. We do not know this company. Should I open it?",
        ),
        (
            (
                "say",
                (
                    "Well spotted, and thank you for asking first. Please do **not** click anything and do not answer. Use *Report message* in the ribbon; that sends it to us with all headers.",
                ),
            ),
            (
                "note",
                (
                    "Phishing wave, same sender domain as yesterday. Blocked the domain, {n} copies removed from mailboxes. Nobody clicked according to the proxy log.",
                ),
            ),
            (
                "fix",
                (
                    "It was phishing indeed. We blocked the sender and removed the same message from {n} other mailboxes. Nothing more to do for you, and thanks again: you warned everybody.",
                ),
            ),
        ),
        ("phishing", "security"),
        (0, 4, 6, 2),
    ),
    Story(
        "Hardware",
        (
            "Laptop gets very hot and loud",
            "Fan of my {device} runs all the time",
            "Laptop shuts down during video calls",
        ),
        (
            "My {device} gets so hot that I can hardly keep it on my lap, and the fan runs at full speed all day. In long video calls it sometimes switches off.",
            "Twice this week the {device} went dark in the middle of a meeting. It is on the charger, so it is not the battery.",
        ),
        (
            (
                "ask",
                (
                    "That sounds unhealthy. Could you tell me the asset number on the sticker underneath (starts with **AC-**) and since when you notice it?",
                ),
            ),
            (
                "customer",
                (
                    "It is AC-{ext}. Started about two weeks ago, maybe after the big update.",
                    "AC-{ext}, since the beginning of the month I would say.",
                ),
            ),
            (
                "note",
                (
                    "AC-{ext} is four years old, still in warranty until next month. Fan replacement ordered, part {invoice}.",
                ),
            ),
            (
                "say",
                (
                    "Thank you. This model has a known problem with the fan and yours is still under warranty. I have ordered the part; it usually arrives within two working days. Until then a hard, flat surface helps a lot.",
                ),
            ),
            ("customer", ("Okay, I will put a book under it until then.",)),
            (
                "fix",
                (
                    "The fan is replaced and the vents are clean; the machine stays at 61 °C under full load now. You can pick it up at the counter in {site} until 17:30.",
                ),
            ),
        ),
        ("laptop", "warranty"),
        (2, 6, 2, 0),
    ),
    Story(
        "Hardware",
        ("Second monitor stays black", "Docking station does not recognise screens", "Monitor flickers since the move"),
        (
            "After moving to the new desk on floor {n} only one of my two monitors works. The cables look the same as before.",
            "The docking station only finds the screens after I unplug it two or three times. It is a bit annoying but I can work.",
        ),
        (
            (
                "say",
                (
                    "Let us try the quick things first:\n\n- unplug the dock from power for 30 seconds\n- use the cable marked *DP* for the second screen\n- press `Windows + P` and choose **Extend**",
                ),
            ),
            (
                "customer",
                (
                    "The 30 seconds without power did not change anything, but with the other cable it flickers at least.",
                    "Tried all three. With the DP cable it works for a minute, then black again.",
                ),
            ),
            (
                "fix",
                (
                    "Then the cable is broken. I have put a new one and a spare on your desk in {site} while you were at lunch; both screens were running when I left.",
                    "I have updated the firmware of the dock remotely and sent you a new cable by internal mail. With both it should be stable.",
                ),
            ),
        ),
        ("monitor",),
        (6, 5, 0, 0),
    ),
    Story(
        "Hardware",
        ("Coffee on the keyboard", "Dropped my laptop, cracked screen"),
        (
            "I am very sorry, I spilled half a cup of coffee over my {device}. I switched it off at once and it is upside down on a towel. What now?",
            "The laptop fell off the train table. It still runs, but the screen has a crack from corner to corner.",
        ),
        (
            (
                "say",
                (
                    "These things happen, and switching it off was exactly right. Please leave it off until tomorrow and bring it to the counter in {site}. I have reserved a loan device for you, AC-{ext}; your files are in the cloud and will be there after sign-in.",
                    "These things happen. Please put a strip of clear tape over the crack and bring it to the counter in {site}. I have reserved a loan device for you, AC-{ext}; your files are in the cloud and will be there after sign-in.",
                ),
            ),
            ("customer", ("Thank you, you are saving my week. I will come by at {time}.",)),
            (
                "note",
                (
                    "Board is fine, keyboard is dead. Insurance claim {invoice} filed.",
                    "Panel ordered, hinge is bent as well. Insurance claim {invoice} filed.",
                ),
            ),
            (
                "fix",
                (
                    "Good news: only the keyboard had to be replaced. Your laptop is ready; please bring the loan device back when you collect it.",
                    "Your laptop has a new screen and is ready; please bring the loan device back when you collect it.",
                ),
            ),
        ),
        ("laptop", "loan device"),
        (0, 5, 5, 0),
    ),
    Story(
        "Printing",
        ("Printer on floor {n} prints blank pages", "Print jobs vanish in {site}", "Labels come out empty"),
        (
            "The printer next to the kitchen prints blank pages, whatever I send. Toner was changed on {day}.",
            "We cannot print delivery notes in {site}. The jobs appear in the queue for a second and vanish. Two lorries are waiting at the gate!",
            "The label printer feeds paper but nothing is on it. We have about {n}0 parcels for the afternoon collection.",
        ),
        (
            (
                "ask",
                (
                    "On my way to look at it. Does the small display show any message, for example a yellow triangle or a code?",
                    "Is it only this printer, or also the one next door?",
                ),
            ),
            (
                "customer",
                (
                    "It says 49.38.07 and asks to be restarted, which we did twice.",
                    "Only this one. The big one in the hall prints.",
                ),
            ),
            (
                "note",
                (
                    "The protective strip was still in the new toner. Of course nobody wants to have done it ;)",
                    "Print server had {n}4 stuck jobs from one damaged PDF, cleared the spooler.",
                    "New label rolls are for thermal transfer, the printer is set to direct thermal.",
                ),
            ),
            (
                "fix",
                (
                    "The strip inside the new cartridge had not been pulled. It prints again, and I left a small note with a picture next to the printer.",
                    "A damaged PDF had blocked the queue and made the printer crash each time. I removed it and everything that waited is being printed now.",
                    "The new labels are of another kind than the old ones and needed a different setting. I changed it from here; the last test label looked fine in your camera picture.",
                ),
            ),
        ),
        ("printer",),
        (2, 5, 4, 2),
    ),
    Story(
        "Printing",
        ("Scan to mail does not arrive", "Need printer on my new laptop"),
        (
            "Scanning to my mail address has stopped working, for me and {colleague}. Printing is fine.",
            "On the new {device} I do not find our printer in {site}. On the old one it was just there.",
        ),
        (
            (
                "fix",
                (
                    "The scanner still used a sign-in that was switched off last weekend. I gave it a new one, and your two test scans have just arrived.",
                    "I have assigned the printer to your device; it appears by itself within half an hour. If you need it right now: *Add printer* and search for **{site}-2F**.",
                ),
            ),
        ),
        ("printer",),
        (6, 4, 0, 0),
    ),
    Story(
        "Network & VPN",
        ("VPN drops every few minutes", "VPN error 809 at home", "Calls break up over VPN"),
        (
            "From home the VPN drops every ten minutes and I lose my session in the {app}. In the office everything is fine. It started on {day}.",
            "VPN fails with *error 809*. My internet works, I can stream and browse. I restarted the router and the laptop.",
            "When I am connected by VPN, calls break up and after a while I am thrown out. Without VPN the calls are perfect.",
        ),
        (
            (
                "ask",
                (
                    "I am sorry, that is tedious. Two questions to narrow it down:\n\n1. Are you on Wi-Fi or by cable?\n2. Which provider do you have at home, and did they change anything lately?",
                ),
            ),
            (
                "customer",
                (
                    "Wi-Fi, the router is in the next room. The provider sent me a new box last week actually!",
                    "By cable. The provider is the same as always, no changes that I know of.",
                ),
            ),
            (
                "peer",
                (
                    "Third case this week with the new boxes. They cut idle UDP after 300 s. Profile **v7** with keep-alive solves it.",
                ),
            ),
            (
                "fix",
                (
                    "The new routers of your provider cut quiet connections after five minutes. I assigned you a VPN profile that keeps the line awake. Please disconnect, wait a minute and connect again; the name shown should end in **v7**.",
                ),
            ),
        ),
        ("vpn", "home office"),
        (1, 6, 4, 0),
    ),
    Story(
        "Network & VPN",
        ("No Wi-Fi in {room}", "Internet down in {site}", "Wi-Fi in {site} is very slow"),
        (
            "In {room} there is practically no Wi-Fi. We have guests there all week, it is a little embarrassing.",
            "The whole {site} office is without internet since {time}. Phones do not work either. We are {n} people.",
            "Since the weekend the Wi-Fi in {site} crawls. Speed test says 3 Mbit/s, it used to be 200.",
        ),
        (
            (
                "say",
                (
                    "Thank you for reporting, I can see it in the monitoring as well: the access point there restarts every few minutes. A colleague is on the way.",
                    "We see the outage. The line of the provider is down; we have opened case {invoice} with them and are switching you to the backup line.",
                    "Thank you for measuring, that helps. I see many retries on all access points there and will have a look at the channels this afternoon.",
                ),
            ),
            (
                "note",
                (
                    "PoE budget of the switch exceeded since the cameras were added. Moved two ports, ordered a bigger one.",
                    "Provider confirms a cut fibre at a construction site. Estimate {time}.",
                    "A neighbour put up five access points on our channel at the weekend.",
                ),
            ),
            ("customer", ("Thanks for the quick reaction. Please keep me posted, I have {n} people asking.",)),
            (
                "fix",
                (
                    "It is fixed: the access point did not get enough power from the switch, and we moved it to another one. I measured 240 Mbit/s at the back wall of {room}.",
                    "You are on the main line again since {time}. The cause was a cut cable in the street; nothing at your place needs to be changed.",
                    "A neighbour had set up several access points on our channel. We moved to a free band; I measured 210 Mbit/s from the entrance to the kitchen.",
                ),
            ),
        ),
        ("wifi", "outage"),
        (0, 4, 5, 3),
    ),
    Story(
        "Servers & storage",
        ("Deleted folder on the team drive", "Please restore {file}, overwritten by mistake"),
        (
            "Somebody (probably me) deleted the folder **{file}** from the team drive. We need it for the audit on {day}. Is there a backup?",
            "I saved an empty version over *{file}*. The good one was from {day} evening. Can you bring it back?",
        ),
        (
            ("note", ("Snapshot of {day} 18:00 has it, {n}18 MB.",)),
            (
                "fix",
                (
                    "The folder is back in its old place with all {n}4 files.\n\nA tip for next time: right-click the folder, *Restore previous versions*. You can go back 30 days there without us.",
                    "Found it in the backup of {day} 18:00. I restored it **next to** the present one with the ending `_restored`, so that nothing newer is lost. Please compare and delete what you do not need.",
                ),
            ),
        ),
        ("backup",),
        (1, 5, 5, 0),
    ),
    Story(
        "Servers & storage",
        ("Cannot save: no space left on the team drive", "{app} very slow since this morning"),
        (
            "Saving on the team drive fails with “not enough space”. It affects everybody in our department.",
            "The {app} takes half a minute for every click since this morning. Everyone in {site} has it, it is not only me.",
        ),
        (
            (
                "say",
                ("Thank you, we are on it. You are right, it affects several teams, so I have raised the priority.",),
            ),
            (
                "note",
                (
                    "Volume at 99 %. A video project of {n}00 GB landed there on {day}. Talked to {colleague}, they will move it.",
                    "Nightly index job still running at {time}. Stopped it, load is going down. Needs a maintenance window.",
                ),
            ),
            (
                "fix",
                (
                    "There is space again: a large video project had been stored on the drive by accident and now lives where it belongs. We also set a warning at 85 %, so that we notice before you do.",
                    "A maintenance job from the night had got stuck and took all the power. It is stopped, response times are back below a second, and we moved the job to the weekend.",
                ),
            ),
        ),
        ("storage", "outage"),
        (0, 3, 6, 2),
    ),
    Story(
        "Software & licences",
        ("Licence for {software} until the end of the quarter", "{software} says the trial has expired"),
        (
            "For the project with {partner} I need {software} until the end of the quarter. Cost centre is {ext}. What else do you need from me?",
            "{software} greets me with *“Your trial has expired”* today although we bought it in spring. I need it for a presentation at {time}.",
        ),
        (
            (
                "ask",
                (
                    "Sure. Is viewing enough for you, or do you have to edit as well? The difference is about 30 a month.",
                    "I am sorry about that. Which address do you see under *Help > About*?",
                ),
            ),
            (
                "customer",
                (
                    "I need to edit, so the full version please. {boss} knows about the cost.",
                    "It shows my old address from before the merger, not the present one.",
                ),
            ),
            (
                "fix",
                (
                    "Your licence is assigned until the end of the quarter; we remind you two weeks before. You find {software} in the *Company portal*, installation takes about ten minutes.",
                    "That explains it: the licence was bought for the new address. I have moved it; please sign out of {software} and in again, and the message is gone.",
                ),
            ),
        ),
        ("licence",),
        (5, 6, 1, 0),
    ),
    Story(
        "Software & licences",
        ("{app} crashes when exporting", "Wrong totals after the update of {app}"),
        (
            "When I export the monthly report from the {app}, the program closes without a message. Smaller exports work. Version is the one from the update on {day}.",
            "After the update the totals in the {app} do not match the single lines any more. For {partner} the difference is {n}.40. We must not send that to the customer!",
        ),
        (
            (
                "ask",
                (
                    "I can reproduce the first part. Could you tell me the exact steps, like this?\n\n- which period you choose\n- which format\n- whether you filter by customer",
                ),
            ),
            (
                "customer",
                (
                    "Period: last month. Format: Excel. Filter: none, all customers. It dies after about 20 seconds.",
                    "Last month, PDF, filtered by {partner}. With Excel it seems to be right.",
                ),
            ),
            ("peer", ("Vendor knows it, fixed in the patch of {day}. Workaround: export week by week.",)),
            (
                "say",
                (
                    "Thank you, that was precise and helped a lot. The vendor has confirmed the error. Until the patch is in, please export **week by week**; the figures are right there, I compared them by hand.",
                ),
            ),
            ("customer", ("Week by week works, a bit clumsy but fine for now.",)),
            (
                "fix",
                (
                    "The patch is installed since this morning and I ran your report three times: no crash, and the totals are the same as in the weekly exports.",
                    "The patch is installed since this morning. I compared the totals of {partner} and three others by hand: they match to the cent.",
                ),
            ),
        ),
        ("bug",),
        (1, 6, 4, 0),
    ),
    Story(
        "Phones & meetings",
        ("Nobody hears me in calls", "Conference system in {room} is silent"),
        (
            "In calls nobody hears me since yesterday. The headset works with my phone, so it is not broken.",
            "The conference system in {room} joins the meeting but stays silent. We have the board there on {day}.",
        ),
        (
            (
                "say",
                (
                    "Please check in the meeting settings under **Devices** which microphone is selected. After the last update many laptops choose the built-in camera microphone, which is muted.",
                    "Please touch **Devices** on the panel at the wall: does it list a microphone and a speaker at all?",
                ),
            ),
            (
                "customer",
                (
                    "It was set to “Default”. I changed it to the headset and {colleague} hears me now. But after a restart it is on Default again.",
                    "It shows nothing at all under devices in {room}.",
                ),
            ),
            (
                "fix",
                (
                    "I have set the headset as the standard for your device by policy, so it survives a restart.",
                    "The USB hub under the table had lost power, somebody had pulled the plug for the vacuum cleaner. I made a test call and fixed the plug with a cable tie.",
                ),
            ),
        ),
        ("headset",),
        (4, 5, 2, 0),
    ),
    Story(
        "Security",
        ("Lost my phone on the train", "Laptop stolen from the car"),
        (
            "I left my company phone on the train to {partner} this morning. I called the lost property office but they have nothing yet. There is company mail on it.",
            "My bag with the {device} was stolen from the car last night. I have reported it to the police, reference {invoice}. What do I have to do on your side?",
        ),
        (
            (
                "say",
                (
                    "Thank you for telling us at once, that is the most important part. I have **locked and wiped** the device remotely, and your sessions everywhere are signed out. Please choose a new password at the next sign-in.",
                ),
            ),
            ("note", ("Wipe confirmed {time}. Disk was encrypted. Informed data protection, reference {invoice}.",)),
            ("customer", ("Puh, thank you. Can I get a replacement this week?",)),
            (
                "fix",
                (
                    "A replacement is ready at the counter in {site}. It is set up with your account; please bring your ID card. The loss is documented, there is nothing more to do for you.",
                ),
            ),
        ),
        ("security", "loan device"),
        (0, 1, 5, 5),
    ),
    Story(
        "Billing & contracts",
        ("Question about invoice {invoice}", "Charged twice in {month}?", "New address for our invoices"),
        (
            "On invoice {invoice} there are {n} workplaces, but two colleagues left in {month}. Could you please correct it?",
            "We seem to have been charged twice for {month}: invoices {invoice} and one a week later with the same amount. Is one of them a mistake?",
            "Our accounting moved. Please send invoices to our {site} address from now on and correct {invoice} if that is still possible.",
        ),
        (
            (
                "note",
                (
                    "Checked with accounting: leaver forms for both arrived after the 25th, so billing did not know. Goodwill credit is fine up to one month.",
                    "Not a duplicate: one is services, the other the hardware of {month}.",
                    "New billing address is in the contract folder, signed by {boss}.",
                ),
            ),
            (
                "fix",
                (
                    "You are right. I have issued a credit note for the difference, which you will find on your next statement; the workplaces are removed from {month} onwards.",
                    "The second invoice is for the hardware of {month}, and by chance the amount is nearly the same. I attach the list of items to the next mail. If anything on it is unclear, just answer here.",
                    "The address is changed and a corrected copy of {invoice} is on its way to you.",
                ),
            ),
        ),
        ("invoice",),
        (4, 7, 0, 0),
    ),
    Story(
        "Billing & contracts",
        ("Quote for {n} additional workplaces", "Extend our maintenance contract"),
        (
            "We will grow by {n} people in the new year. Could you make us an offer for laptops, screens and support from January?",
            "Our contract ends in {month}. We would like to extend it by two years, but with faster reaction times for {site}. What would that cost?",
        ),
        (
            (
                "ask",
                (
                    "With pleasure. So that the offer fits: do the new colleagues work in {site} or from home, and do you need them on the phone system too?",
                    "With pleasure. Which reaction time do you have in mind for {site}: four hours, or next to none at night as well?",
                ),
            ),
            (
                "customer",
                (
                    "Half and half, and yes, all with phone.",
                    "Four hours on working days is plenty. Nobody is here at night.",
                ),
            ),
            (
                "peer",
                (
                    "Margin on the dock is gone since the price change, offer the smaller one.",
                    "They paid late twice this year, but {boss} has been with us since the beginning. Ten percent is fine.",
                ),
            ),
            (
                "fix",
                (
                    "The offer is in your portal under number {invoice}, valid for 30 days. I have added the smaller docking station as an option, most of our customers are happy with it.",
                    "The offer is in your portal under number {invoice}, valid for 30 days: two more years, four hours on working days for {site}, and ten percent for your loyalty.",
                ),
            ),
        ),
        ("sales",),
        (6, 5, 0, 0),
    ),
    Story(
        "Onboarding & leavers",
        ("Onboarding {colleague}", "Workplace for our new trainee"),
        (
            "On {day} {colleague} starts with us in {site}. Please prepare:\n\n- laptop with dock and two screens\n- mail address and access to the {app}\n- headset\n\nDirect manager is {boss}.",
            "Our new trainee begins on {day}. The standard workplace is enough, plus {software}. Seat is next to {colleague}.",
        ),
        (
            (
                "say",
                (
                    "Thank you for the early notice. Account and laptop are in preparation; I will answer here as soon as everything stands on the desk.",
                ),
            ),
            ("note", ("Laptop AC-{ext} imaged, dock from stock. Headset is on back order, took one from the pool.",)),
            (
                "fix",
                (
                    "Everything is ready in {site}:\n\n| What | Where |\n|---|---|\n| Laptop AC-{ext} | on the desk, locked |\n| First password | with {boss}, in an envelope |\n| Headset | top drawer |\n\nI will come by on the first day at 9:30 for the introduction.",
                ),
            ),
        ),
        ("onboarding",),
        (3, 8, 1, 0),
    ),
    Story(
        "Onboarding & leavers",
        ("{colleague} leaves at the end of {month}", "Please close the account of {colleague}"),
        (
            "{colleague} leaves us at the end of {month}. Please forward the mails to {boss} for three months and take back the equipment.",
            "Today was {colleague}'s last day. Could you please switch off the account this evening? The laptop is in my locker.",
        ),
        (
            (
                "fix",
                (
                    "Done: sign-in is switched off, mails are forwarded for three months with an automatic answer, and the files are now in {boss}'s *Handover* folder. I will collect the equipment on {day}.",
                ),
            ),
        ),
        ("leaver",),
        (4, 6, 1, 0),
    ),
    Story(
        "Questions & feedback",
        (
            "How do I share a large file with {partner}?",
            "Can I use my own phone for mail?",
            "How to set an out-of-office reply",
        ),
        (
            "I have to send about 2 GB of drawings to {partner}. Mail refuses, of course. What is the proper way?",
            "Am I allowed to read my work mail on my own phone? And if so, what will you be able to see on it?",
            "I am away from {day} and would like different out-of-office texts for inside and outside. Where is that?",
        ),
        (
            (
                "fix",
                (
                    "The proper way is a share link:\n\n1. put the files into your cloud folder\n2. right-click, *Share*, and type the recipient's address\n3. set an **expiry date**\n\nThey receive a code by mail and need no account with us.",
                    "Yes, with the *Company portal* app. It keeps work in a separate area. We can only see and, if need be, erase that area: no photos, no private messages, no location.",
                    "In the mail program: *File > Automatic replies*. There are two tabs, one for inside and one for outside. You can set the dates there too, so it ends by itself.",
                ),
            ),
        ),
        ("how-to",),
        (8, 3, 0, 0),
    ),
    Story(
        "Questions & feedback",
        ("Thank you for the fast help", "Suggestion for the portal", "Feedback on last week's maintenance"),
        (
            "No problem for once: I just wanted to say that {colleague}'s new laptop was set up perfectly. Great work!",
            "It would help us if the portal showed who of our company has already reported the same thing. We often file the same problem three times.",
            "The maintenance on {day} was announced for the evening but started at {time} already. We lost half an hour of work. Please stick to the window.",
        ),
        (
            (
                "fix",
                (
                    "Thank you, that is good to hear! I have passed it on to the team.",
                    "That is a good idea, and you are not the first to ask. Company managers can already see all requests of their company; I have switched it on for {boss}. I have noted the rest as a wish.",
                    "You are right, and I apologise. We started early because the preparation took less time than planned. We have changed our check-list: not before the announced hour, ever.",
                ),
            ),
        ),
        ("feedback",),
        (8, 3, 0, 0),
    ),
)

GLOBEX: tuple[Story, ...] = (
    Story(
        "IT equipment",
        ("Laptop battery lasts 40 minutes", "Faster machine for the design group"),
        (
            "The battery of my {device} is down to forty minutes, so I cannot get through a meeting without a socket.",
            "I was moved to the design group and the {device} is too slow for {software}. Could I get a stronger one?",
        ),
        (
            ("ask", ("Please run the *Battery report* from the portal and paste the line “full charge capacity” here.", "Sure. Has {boss} agreed? A short yes here is enough.")),
            ("customer", ("It says 18,420 of 57,000.", "{boss} says yes, cost centre {ext}.")),
            ("fix", ("That battery has done its duty. A new one is ordered; I will swap it at your desk on {day}, ten minutes.", "Ordered, arrives around {day}. We move your data over lunch.")),
        ),
        ("laptop",), (4, 6, 1, 0),
    ),
    Story(
        "Applications",
        ("Time sheet does not accept last week", "{app} signs me out constantly", "Cannot approve orders in {app}"),
        (
            "The time sheet of last week is greyed out and I still have two days to enter.",
            "{app} signs me out every few minutes. I lose what I typed each time.",
            "Since I became team lead I should approve orders in {app}, but the button is missing.",
        ),
        (
            ("note", ("Payroll says they can reopen the week once.", "Session cookie blocked by the new browser policy, exception is being prepared.", "Role is missing in the nightly feed from HR.")),
            ("fix", (
                "Payroll closes the week on Tuesday at noon. I have opened it again for you until {time} today.",
                "The new browser policy was too strict. I added an exception; please close all windows of the browser once.",
                "Your role had not been passed on from HR. It is there now; sign in again and you will find *Approve* at the top right.",
            )),
        ),
        ("access",), (2, 7, 2, 0),
    ),
    Story(
        "Building & facilities",
        ("Heating in {room} does not work", "Light flickers above my desk", "Lift stuck on floor {n}"),
        (
            "It is 16 degrees in {room}. We are sitting here in our coats.",
            "The lamp above my desk flickers since {day}. I get headaches from it.",
            "The left lift stands on floor {n} with open doors and beeps.",
        ),
        (
            ("say", ("Thank you, the technician is informed and comes between {time} and one hour later.",)),
            ("note", ("Valve stuck, part in stock. Second time in this room this autumn, put it on the list for the spring overhaul.", "Ballast, not the tube. Same series in the whole row, ordered ten.", "Stone in the door rail. The cleaners have the key if it happens at night.")),
            ("fix", ("A valve had stuck and is replaced. The room should be warm within two hours.", "The ballast was worn out and has been replaced. No more disco.", "The lift runs again; a stone was in the door rail. Thank you for reporting it so quickly.")),
        ),
        ("building",), (2, 5, 4, 1),
    ),
    Story(
        "Building & facilities",
        ("Visitor badges for {n} guests on {day}", "Move of our team to floor {n}"),
        (
            "On {day} we expect {n} guests from {partner}. Please prepare badges and book {room} from nine.",
            "Our team moves to floor {n} at the end of {month}. Who organises boxes and the phones?",
        ),
        (
            ("ask", ("Gladly. Please send me the names as they should stand on the badges.", "We do. How many desks, and is there anything heavy, like a safe or a plotter?")),
            ("customer", ("List is attached, thanks.", "Six desks, one plotter.")),
            ("fix", ("All set. Badges are at reception, {room} is booked with coffee for ten.", "Boxes come on {day}; please label them with name and new desk number. Phones move by themselves, they know who you are.")),
        ),
        ("building",), (6, 4, 0, 0),
    ),
    Story(
        "HR & payroll",
        ("Question about my pay slip of {month}", "Parental leave from {month}", "Change of bank account"),
        (
            "On my {month} pay slip the travel allowance is missing. I handed in the form on {day}.",
            "I would like to take parental leave from {month} on. What do you need from me, and by when?",
            "I have a new bank account. Where do I enter it so that the next salary arrives there?",
        ),
        (
            ("fix", (
                "The form arrived one day after the payroll run. The allowance will be paid with the next salary, so nothing is lost.",
                "Congratulations! We need:\n\n- the form *PL-1*, signed\n- a copy of the certificate, once you have it\n- at least **seven weeks** before the first day\n\nI have sent you the form by mail.",
                "Under *My data > Bank account* in the portal, until the 15th. For your protection we confirm every change by letter.",
            )),
        ),
        ("payroll",), (4, 6, 0, 0),
    ),
    Story(
        "Travel & expenses",
        ("Expense report {invoice} rejected", "Corporate card declined"),
        (
            "My expense report {invoice} was rejected with “receipt unreadable”. I have no better one, the taxi printer was empty.",
            "My card was declined at the hotel desk last night. I paid privately in the end, not a nice moment.",
        ),
        (
            ("ask", ("That is annoying. Which amount and date is it about? I will look at the statement.",)),
            ("customer", ("{n}4.60 on {day}, the taxi from the airport.", "About 412, the night to {day}.")),
            ("fix", ("For amounts below 50 a short note of your own is enough: date, from, to, reason. I have attached it to your report and approved it.", "The monthly limit had been reached because the conference was on the same card. I raised it, and your private payment comes back with this week's run.")),
        ),
        ("expenses",), (2, 7, 1, 0),
    ),
    Story(
        "Applications",
        ("Survey tool: link shows an error", "Intranet search finds nothing", "Wrong name in the directory"),
        (
            "The link to the staff survey shows *404*. {colleague} has the same.",
            "Since {day} the intranet search finds nothing, not even “holiday”.",
            "I got married and my old name is still in the directory. It was changed in HR weeks ago.",
        ),
        (
            ("say", ("Thank you, I can see the same here and have handed it to the people who run it.",)),
            ("fix", ("The link works again; a comma had crept in at the end.", "The index had stopped at the weekend. It was rebuilt overnight and finds holidays again.", "Congratulations! The nightly run skipped your entry because of the double name. Corrected by hand, visible tomorrow.")),
        ),
        ("bug",), (5, 5, 0, 0),
    ),
)  # fmt: skip
