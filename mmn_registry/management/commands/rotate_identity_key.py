from mmn_registry.operating import OperatorCommand
from patients.identity import rotate_master_key


class Command(OperatorCommand):
    help = (
        "Put every patient's key under the identity key in use. Beforehand: make a new key, set it "
        "as MMN_IDENTITY_KEY, name the old one in MMN_FORMER_IDENTITY_KEYS, restart."
    )

    def handle(self, *args, **options):
        rotated = rotate_master_key()
        self.stdout.write(
            f"{rotated} keys are under the identity key in use now. MMN_FORMER_IDENTITY_KEYS is "
            "needed no more, except to restore an older backup."
        )
