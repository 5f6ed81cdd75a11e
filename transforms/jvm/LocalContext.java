package lakeward;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFs;

/** As {@link LocalFiles}, by Hadoop's newer interface, by which Delta writes its log ({@code fs.AbstractFileSystem.file.impl}). */
public final class LocalContext extends ChecksumFs {
  public LocalContext(URI place, Configuration settings) throws IOException, URISyntaxException {
    super(new RawLocalContext(place, settings));
  }
}
