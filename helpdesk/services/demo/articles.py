"""What the first demo organization has written down."""

# Title, category, text, author, how many it helped and how many not.
Written = tuple[str, str, str, str, int, int]

ARTICLES: tuple[Written, ...] = (
    (
        "Reset a forgotten password",
        "Accounts & sign-in",
        "You can do this yourself, at any hour.\n\n1. Open the sign-in page and choose **Forgot password**.\n2. Enter your work address. "
        "A link arrives within two minutes; it is valid for an hour.\n3. Choose a password of at least twelve characters that you use nowhere else.\n\n"
        "## Still locked out?\n\nAfter five wrong tries an account is locked for 15 minutes. Phones and tablets that still know the old "
        "password lock it again and again: **sign out there first**, then change the password.",
        "ada", 48, 6,
    ),
    (
        "New phone: move your authenticator app",
        "Accounts & sign-in",
        "If you still have the old phone, open the authenticator app on it, choose **Transfer accounts**, and scan the code with the new phone.\n\n"
        "If the old phone is gone, use one of your *recovery codes* where the second factor is asked for. Then open **Profile > Password and security** "
        "and set up the second factor anew.\n\nNo recovery codes either? Write to us from your work address or call; we confirm who you are and reset the second factor.",
        "ada", 31, 3,
    ),
    (
        "Ask for access to an application",
        "Accounts & sign-in",
        "Access rights are given by whoever owns the application, on the word of your manager.\n\n- Say **which application** and **what you need to do** in it (read, write, approve).\n"
        "- Name a colleague with the same rights, if there is one.\n- Put your manager's agreement into the request.\n\nMost requests are done within a working day.",
        "ada", 12, 2,
    ),
    (
        "Add a shared mailbox or a colleague's calendar",
        "E-mail & calendar",
        "After you were added it takes up to an hour until a shared mailbox shows up by itself. To see it sooner, close the mail program and open it again.\n\n"
        "**A calendar shows only “busy”?** Its owner has shared it without details. Ask them to open *Calendar > Sharing* and choose **All details** for you.",
        "ada", 19, 1,
    ),
    (
        "I received a suspicious mail: what to do",
        "E-mail & calendar",
        "**Do not open links or files, and do not answer.**\n\n1. Press *Report phishing* in the mail program. That sends us the whole message.\n2. Delete it.\n\n"
        "Did you click already, or enter a password? Call us **at once**, change the password, and leave the computer switched on. Nobody will be angry.\n\n"
        "Signs of a fake: it is urgent, the address is almost right, it asks for gift cards, passwords or a payment to a new account.",
        "ben", 57, 2,
    ),
    (
        "Second monitor stays black or flickers",
        "Hardware",
        "Nine times of ten it is the dock or a cable.\n\n1. Unplug the **docking station** from power for 20 seconds, then plug in power first and the laptop last.\n"
        "2. Try the other video socket of the monitor and choose it in the monitor's menu.\n3. Press `Windows` + `P` and choose **Extend**.\n\n"
        "If the screen flickers, try another cable from the box in the copy room. Tell us the number on the dock's sticker if none of this helps.",
        "ben", 22, 5,
    ),
    (
        "Laptop gets hot, loud or slow",
        "Hardware",
        "- Put it on something flat and hard; a blanket closes the vents.\n- Restart it: updates that wait keep the **fan** busy.\n- In the task manager, sort by *CPU* and close what stands on top.\n\n"
        "If it shuts down by itself or the case bulges, **switch it off, do not charge it**, and tell us: that is a battery.",
        "ben", 17, 6,
    ),
    (
        "Printer prints blank pages or nothing at all",
        "Printing",
        "1. Look at the printer's own display: paper, toner and covers are named there.\n2. After a change of toner, remove the **orange strip** from the new one. Forgotten strips are why pages come out blank.\n"
        "3. Jobs vanish? Sign out of the computer and in again, and choose the printer of *your* floor.\n\nLabel printers: the side that takes heat faces up. Scratch it with a fingernail, it turns black.",
        "ben", 26, 4,
    ),
    (
        "VPN drops or does not connect from home",
        "Network & VPN",
        "1. Check that the internet itself works: open any public page.\n2. Close the VPN client wholly (also beside the clock) and start it again.\n3. Use the cable instead of Wi-Fi to see whether it is the Wi-Fi.\n\n"
        "**Error 809** means that your router blocks VPN. Switch to *Automatic* under **Settings > Protocol** in the client; that gets through most routers.\n\n"
        "It still drops every few minutes? Send us the time of the last two interruptions and the name of your provider.",
        "ben", 34, 8,
    ),
    (
        "Restore a deleted file from the team drive",
        "Servers & storage",
        "Right-click the folder it was in, choose **Previous versions**, and open the newest one that still has it. Copy the file out; do not restore the whole folder, or your colleagues lose their work of today.\n\n"
        "Versions are kept for 30 days, made at 12:00 and 20:00. Older ones are in the backup: tell us the path and the day.",
        "ben", 15, 1,
    ),
    (
        "Get a licence or install a program",
        "Software & licences",
        "Open the **Software centre** from the start menu. What is listed there you can install without asking.\n\n"
        "For anything else tell us the program, what it is for, and your cost centre. Licences cost money: your manager gets a mail to approve it. Ready within two working days after that.",
        "ada", 9, 2,
    ),
    (
        "Headset: others cannot hear me in meetings",
        "Phones & meetings",
        "1. Is the headset itself muted? A red light on the microphone says so.\n2. In the meeting, open the arrow beside the microphone and choose the **headset** by its name.\n3. Unplug it, wait five seconds, plug it into another socket.\n\n"
        "Bluetooth headsets connect to one device only: switch Bluetooth off on your phone and try again.",
        "ada", 13, 2,
    ),
    (
        "Read and pay an invoice",
        "Billing & contracts",
        "Invoices are made on the first working day of a month and sent to the address in your contract.\n\n- **Payable** within 14 days; the reference is the invoice number.\n- **A purchase order number** has to be with us before the month ends to be printed on it.\n"
        "- **Something is wrong?** Send us the invoice number and the line. We correct it and stop the reminder while we look.",
        "ada", 11, 1,
    ),
    (
        "Prepare the first day of a new colleague",
        "Onboarding & leavers",
        "Tell us **five working days** before: name, start, manager, place, and whose equipment or rights theirs should resemble.\n\n"
        "On the first day they find a laptop, a phone and a letter with the first password at the reception. For people who leave, tell us the last day; the account closes that evening and the manager gets the mailbox for 30 days.",
        "ada", 7, 0,
    ),
)  # fmt: skip
