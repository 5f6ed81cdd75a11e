package lakeward;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FsConstants;

/** {@link RawLocalFiles} by Hadoop's newer interface. */
public final class RawLocalContext extends DelegateToFileSystem {
  RawLocalContext(URI place, Configuration settings) throws IOException, URISyntaxException {
    super(FsConstants.LOCAL_FS_URI, new RawLocalFiles(), settings, FsConstants.LOCAL_FS_URI.getScheme(), false);
  }

  @Override
  public int getUriDefaultPort() {
    return -1; // a local file has none
  }

  @Override
  public boolean isValidName(String name) {
    return true; // as in Hadoop's own, paths of Windows have a colon
  }
}
